import { useRef, type KeyboardEvent, type ReactNode } from "react";

import { cx } from "@/ui/cx";
import { useTheme } from "@/ui/theme";
import { ReleaseChord } from "./release";

/**
 * Stage is where the guest is shown. Its frame tells whether keys go to the
 * guest; Ctrl+Alt, pressed and let go, gives the keyboard back. The guest is
 * told of both keys as of any other: no key is withheld from it.
 */
export function Stage({ focused, viewOnly, screen, onRelease, children }: {
  focused: boolean;
  viewOnly: boolean;
  /** It holds a screen, which is dark around in either theme: most guests are dark, and bright bands beside them dazzle. */
  screen: boolean;
  onRelease: () => void;
  children: ReactNode;
}) {
  const light = useTheme() === "light";
  const chord = useRef(new ReleaseChord());
  const key = (e: KeyboardEvent) => {
    // The last key up has to reach the guest first.
    if (chord.current.take({ type: e.type, code: e.code })) setTimeout(onRelease);
  };
  return (
    <div
      data-focused={focused}
      onKeyDownCapture={key}
      onKeyUpCapture={key}
      onBlurCapture={() => chord.current.reset()}
      className={cx("relative min-h-0 flex-1 overflow-hidden", screen && light ? "bg-fg" : "bg-sunken", focused && !viewOnly ? "outline-2 -outline-offset-2 outline-accent-line" : "outline-0")}
    >
      <div className="absolute inset-0.5">{children}</div>
    </div>
  );
}
