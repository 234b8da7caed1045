import { useEffect, useRef, useState } from "react";

import { useTheme } from "@/ui/theme";
import type { TerminalHandle } from "@/ui/attach-terminal";
import type { Echo } from "@/lib/echo";
import type { Opened } from "@/lib/api";

/** TerminalProps is what a serial console is made from and reports to. */
export interface TerminalProps {
  /** Permission to connect; a new one is a new connection, the text stays. */
  opened: Opened | undefined;
  /** For screen readers: "Serial console of web1". */
  label: string;
  echo: Echo;
  /** Takes the keyboard once it is connected. */
  autoFocus: boolean;
  onUp: () => void;
  onDown: (opened: Opened) => void;
  onHandle: (h: TerminalHandle | undefined) => void;
  onHeard: () => void;
  onFocus: (on: boolean) => void;
  onFound: (at: number, of: number) => void;
}

/** SerialTerminal shows a VM's serial line by xterm.js, with what it said before the last connection. */
export function SerialTerminal(props: TerminalProps) {
  const { opened } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  const [handle, setHandle] = useState<TerminalHandle>();
  const theme = useTheme();
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!box.current) return;
    return make(box.current, () => latest.current, setHandle);
  }, []);
  useEffect(() => {
    if (opened) handle?.connect(opened);
    else handle?.disconnect();
  }, [handle, opened]);
  useEffect(() => void handle?.recolour(), [handle, theme]);

  return <div ref={box} data-keys="own" className="absolute inset-0 p-1.5" />;
}

/** make loads xterm.js, which is no part of the page until somebody looks at a serial console. */
function make(target: HTMLElement, props: () => TerminalProps, show: (h: TerminalHandle | undefined) => void): () => void {
  let gone = false;
  let handle: TerminalHandle | undefined;
  const set = (h: TerminalHandle | undefined) => {
    handle = h;
    show(h);
    props().onHandle(h);
  };
  const attach = (module: typeof import("@/ui/attach-terminal")) => {
    if (gone) return;
    set(
      module.attachTerminal(target, props().label, props().echo, {
        up: () => {
          props().onUp();
          if (props().autoFocus) handle?.focus();
        },
        down: (opened) => props().onDown(opened),
        heard: () => props().onHeard(),
        focus: (on) => props().onFocus(on),
        found: (at, of) => props().onFound(at, of),
      }),
    );
  };
  import("@/ui/attach-terminal").then(attach, () => undefined);
  return () => {
    gone = true;
    handle?.dispose();
    set(undefined);
  };
}
