import { ChevronDown, Keyboard, KeyboardOff, Maximize, Minimize, PictureInPicture2 } from "lucide-react";
import { useSyncExternalStore, type ReactNode, type Ref } from "react";

import { detachConsole, isFullScreen, onFullScreen, setFullScreen } from "@/lib/desktop";
import { notify } from "@/lib/notify";
import { vmState } from "@/lib/vm-state";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { DropdownMenu } from "@/ui/menu";
import { StateBadge } from "@/ui/state";
import { Segmented } from "@/ui/toggle";
import { Tooltip } from "@/ui/tooltip";
import { vmMenu } from "@/ui/vm-menu";
import type { Echo } from "@/lib/echo";
import type { Kind, Subject } from "./guest";

/** BarProps is what the bars of both consoles share. */
export interface BarProps {
  subject: Subject;
  host: string;
  uuid: string;
  kind: Kind;
  onKind: (k: Kind) => void;
  /** It stands alone in its window: it names the VM, and cannot be detached. */
  alone: boolean;
  focused: boolean;
  viewOnly: boolean;
  live: boolean;
  echo: Echo;
  /** Gives the keyboard to the guest. */
  onFocus: () => void;
  /** The control that the keyboard goes to when the guest gives it back. */
  keyboard: Ref<HTMLButtonElement>;
  /** Tools of this kind of console. */
  children: ReactNode;
}

/** ConsoleBar is the one thin bar of a console. In full screen only its edge is seen until the pointer or the focus comes to it: Ctrl+Alt brings that, which is no :focus-visible. */
export function ConsoleBar(props: BarProps) {
  const full = useFullScreen();
  return (
    <div
      role="toolbar"
      aria-label="Console"
      className={cx(
        "z-10 flex h-9 shrink-0 items-center gap-1 overflow-hidden border-b border-line bg-panel px-2",
        full &&
          "absolute inset-x-0 top-0 -translate-y-[33px] border-b-2 border-accent-line transition-transform duration-150 hover:translate-y-0 focus-within:translate-y-0 has-data-[state=open]:translate-y-0",
      )}
    >
      {props.alone && props.subject.vm && (
        <h1 className="name mr-1 max-w-80 min-w-12 shrink text-body font-semibold" title={props.subject.vm.name}>
          {props.subject.vm.name}
        </h1>
      )}
      <Segmented
        label="Console"
        value={props.kind}
        onChange={props.onKind}
        options={[
          { value: "graphical", label: "Screen" },
          { value: "serial", label: "Serial" },
        ]}
      />
      <PowerMenu subject={props.subject} />
      <Divider />
      {props.children}
      <span className="flex-1" />
      <Measured echo={props.echo} live={props.live} />
      <KeyboardState {...props} />
      {!props.alone && <Detach host={props.host} uuid={props.uuid} serial={props.kind === "serial"} />}
      <IconButton size="sm" icon={full ? Minimize : Maximize} label={full ? "Leave full screen" : "Full screen"} pressed={full} onClick={() => void fill(!full, props.onFocus)} />
    </div>
  );
}

/** fill begins or ends full screen, and gives the keyboard to the guest. A browser that does not want to leaves things as they are. */
async function fill(on: boolean, focus: () => void) {
  await setFullScreen(on).catch(() => undefined);
  focus();
}

/** useFullScreen tells whether the page fills the screen. */
export function useFullScreen(): boolean {
  return useSyncExternalStore(onFullScreen, isFullScreen);
}

/** A thin line between groups of tools. */
export function Divider() {
  return <span aria-hidden className="mx-1 h-4 w-px shrink-0 bg-line" />;
}

function PowerMenu({ subject }: { subject: Subject }) {
  const { vm, host } = subject;
  if (!vm) return null;
  const { kind, word } = vmState(vm);
  const items = vmMenu(vm, host).filter((i) => typeof i === "string" || !("id" in i) || i.id !== "delete");
  while (items.at(-1) === "line") items.pop();
  return (
    <DropdownMenu items={items} align="start">
      <Button size="sm" variant="ghost" aria-label={`Power, ${word}`}>
        <StateBadge state={kind} word={word} stale={vm.stale} />
        <ChevronDown size={12} aria-hidden className="-mr-1 text-fg-muted" />
      </Button>
    </DropdownMenu>
  );
}

/** What a hand feels; nothing until a key was answered. */
function Measured({ echo, live }: { echo: Echo; live: boolean }) {
  const median = useSyncExternalStore(echo.subscribe, echo.median);
  if (median === undefined || !live) return null;
  return (
    <Tooltip content="From a key to the next change that the guest shows: median of the last ones">
      <span tabIndex={0} aria-label={`Latency ${median} milliseconds`} className="shrink-0 rounded-sm px-1 text-table text-fg-muted tabular-nums">
        {median} ms
      </span>
    </Tooltip>
  );
}

function KeyboardState({ focused, viewOnly, live, onFocus, keyboard }: BarProps) {
  const on = focused && !viewOnly;
  const text = viewOnly ? "View only" : on ? "Keys go to the guest" : "Keys stay here";
  const tip = viewOnly ? "Neither keys nor pointer reach the guest" : on ? "Press and let go Ctrl+Alt to get the keyboard back" : "Click into the console, or here, to type into the guest";
  const Mark = on ? Keyboard : KeyboardOff;
  return (
    <Tooltip content={tip}>
      <button
        ref={keyboard}
        type="button"
        aria-pressed={on}
        disabled={!live || viewOnly}
        onClick={onFocus}
        className={cx("flex h-(--control-sm) shrink-0 items-center gap-1.5 rounded-md px-2 text-table", on ? "bg-accent-soft text-accent-fg" : "text-fg-muted hover:bg-raised")}
      >
        <Mark size={13} aria-hidden />
        <span className="max-[1100px]:sr-only">{text}</span>
        {on && <span className="text-caption max-[1240px]:sr-only">Ctrl+Alt releases</span>}
      </button>
    </Tooltip>
  );
}

function Detach({ host, uuid, serial }: { host: string; uuid: string; serial: boolean }) {
  const detach = () => {
    if (!detachConsole({ host, uuid }, serial)) notify({ kind: "warning", title: "The browser did not open a window", text: "Allow this page to open windows, and try again." });
  };
  return <IconButton size="sm" icon={PictureInPicture2} label="Open in a window of its own" onClick={detach} />;
}
