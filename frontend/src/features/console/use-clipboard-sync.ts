import { useCallback, useEffect, useRef } from "react";

import { readClipboard, writeClipboard } from "@/lib/desktop";
import { notify } from "@/lib/notify";
import type { ScreenHandle } from "./attach-screen";
import { MAX_CUT_TEXT } from "./limits";

/**
 * useClipboardSync shares the clipboard with the guest while `on`, which the
 * user chose for this console: what is copied here is offered when the guest
 * gets the keyboard, what is copied there comes here. Returns what takes the
 * guest's text.
 */
export function useClipboardSync(on: boolean, handle: ScreenHandle | undefined, focused: boolean): (text: string) => void {
  const known = useRef<string>(undefined);
  useEffect(() => {
    if (!on || !handle || !focused) return;
    let over = false;
    void readClipboard().then((text) => {
      if (over || !text || text === known.current || text.length > MAX_CUT_TEXT) return;
      known.current = text;
      handle.offer(text);
    });
    return () => void (over = true);
  }, [on, handle, focused]);
  return useCallback(
    (text: string) => {
      if (!on || text === known.current) return;
      known.current = text;
      void writeClipboard(text).then((done) => {
        if (!done) notify({ kind: "warning", title: "What the guest copied did not reach the clipboard", text: "Allow this page to use the clipboard." });
      });
    },
    [on],
  );
}
