import { useEffect, useRef, useState } from "react";

import type { Problem } from "@/lib/error";
import type { Scale, ScreenFacts, ScreenHandle } from "./attach-screen";
import type { Echo } from "@/lib/echo";
import type { Opened } from "@/lib/api";

/** ScreenProps is what a screen is drawn from and reports to. */
export interface ScreenProps {
  /** Permission to connect; a new one is a new connection. */
  opened: Opened | undefined;
  /** For screen readers: "Screen of web1". */
  label: string;
  scale: Scale;
  viewOnly: boolean;
  clipboard: boolean;
  echo: Echo;
  /** Takes the keyboard once it is connected. */
  autoFocus: boolean;
  onUp: () => void;
  onDown: (opened: Opened, problem?: Problem) => void;
  onHandle: (h: ScreenHandle | undefined) => void;
  onFacts: (f: ScreenFacts) => void;
  onFocus: (on: boolean) => void;
  onCopied: (text: string) => void;
}

/** Screen shows a VM's screen by noVNC; while there is no connection, the last picture, dimmed. */
export function Screen(props: ScreenProps) {
  const { opened, scale, viewOnly, clipboard } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  const [handle, setHandle] = useState<ScreenHandle>();
  const [last, setLast] = useState<string>();
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!opened || !box.current) return;
    return connect(box.current, opened, () => latest.current, setHandle, setLast);
  }, [opened]);
  useEffect(() => () => void (last && URL.revokeObjectURL(last)), [last]);
  useEffect(() => void handle?.scale(scale), [handle, scale]);
  useEffect(() => void handle?.viewOnly(viewOnly), [handle, viewOnly]);
  useEffect(() => void handle?.clipboard(clipboard), [handle, clipboard]);

  return (
    <div ref={box} data-keys="own" className="absolute inset-0">
      {last && !handle && <img src={last} alt="" className="pointer-events-none absolute inset-0 size-full object-contain opacity-35 grayscale" />}
    </div>
  );
}

/** connect loads noVNC, which is no part of the page until somebody looks at a screen, and attaches it. */
function connect(
  target: HTMLElement,
  opened: Opened,
  props: () => ScreenProps,
  show: (h: ScreenHandle | undefined) => void,
  keep: (url: string | undefined) => void,
): () => void {
  let gone = false;
  let handle: ScreenHandle | undefined;
  const set = (h: ScreenHandle | undefined) => {
    show(h);
    props().onHandle(h);
  };
  const attach = (module: typeof import("./attach-screen")) => {
    if (gone) return;
    handle = module.attachScreen(target, props().label, opened, props().echo, {
      up: () => {
        set(handle);
        keep(undefined);
        props().onUp();
        if (props().autoFocus) handle?.focus();
      },
      down: (problem, picture) => {
        if (gone) return;
        if (picture) keep(URL.createObjectURL(picture));
        set(undefined);
        props().onFocus(false);
        props().onDown(opened, problem);
      },
      facts: (f) => props().onFacts(f),
      focus: (f) => props().onFocus(f),
      copied: (t) => props().onCopied(t),
    });
  };
  import("./attach-screen").then(attach, () => !gone && props().onDown(opened));
  return () => {
    gone = true;
    handle?.detach();
    set(undefined);
  };
}
