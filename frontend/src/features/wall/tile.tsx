import { MonitorOff } from "lucide-react";
import { useEffect, useRef, type KeyboardEvent, type MouseEvent } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { VM_State, type VM } from "@/gen/limiquantix/v1/vm_pb";
import { ago } from "@/lib/format";
import { vmKey } from "@/lib/inventory";
import { unreachable, vmState } from "@/lib/vm-state";
import { cx } from "@/ui/cx";
import { ContextMenu, type MenuItem } from "@/ui/menu";
import { StateShape } from "@/ui/state";
import { vmMenu } from "@/ui/vm-menu";
import type { Shot } from "./gallery";
import { useShot } from "./use-gallery";

/** TileProps is one VM of the wall. */
export interface TileProps {
  vm: VM;
  host: Host | undefined;
  /** It is the one that the keyboard is on. */
  current: boolean;
  /** The keyboard was moved here: it takes the focus. */
  grab: boolean;
  column: number;
  width: number;
  height: number;
  onCurrent: () => void;
  onOpen: () => void;
  onDetach: (() => void) | undefined;
  onKeyDown: (e: KeyboardEvent) => void;
}

/** A picture that is older is told as old. */
const OLD_MS = 15_000;

/** Tile is a VM's screen, small, with its name, state and host. */
export function Tile(props: TileProps) {
  const { vm, host, current, grab, width, height, column } = props;
  const cell = useRef<HTMLDivElement>(null);
  const away = unreachable(host);
  const up = vm.state === VM_State.RUNNING || vm.state === VM_State.PAUSED;
  const shot = useShot(vmKey(vm), vm.host, up && away === undefined, cell);
  const { kind, word } = vmState(vm);
  useEffect(() => {
    if (grab) cell.current?.focus({ preventScroll: true });
  }, [grab]);
  const open = (e: MouseEvent) => {
    e.preventDefault();
    props.onOpen();
  };
  return (
    <ContextMenu items={() => menu(props)}>
      <div
        ref={cell}
        role="gridcell"
        aria-colindex={column + 1}
        tabIndex={current ? 0 : -1}
        onFocus={props.onCurrent}
        onKeyDown={props.onKeyDown}
        onDoubleClick={open}
        style={{ width, height }}
        className="flex flex-col overflow-hidden rounded-md border border-line bg-panel select-none hover:border-line-strong focus:border-accent-line"
      >
        <div className="relative min-h-0 flex-1 overflow-hidden bg-sunken">
          <Face vm={vm} away={away} up={up} shot={shot} />
        </div>
        <div className="flex h-11 shrink-0 flex-col justify-center border-t border-line px-2">
          <span className="flex min-w-0 items-center gap-1.5">
            <StateShape state={kind} />
            <span className="name flex-1 text-table" title={vm.name}>
              {vm.name}
            </span>
          </span>
          <span className="flex min-w-0 gap-2 text-caption text-fg-muted">
            <span className="name flex-1 pl-4.5">{vm.host}</span>
            <span className="shrink-0">{word}</span>
          </span>
        </div>
      </div>
    </ContextMenu>
  );
}

function Face({ vm, away, up, shot }: { vm: VM; away: string | undefined; up: boolean; shot: Shot }) {
  const old = shot.at !== undefined && Date.now() - shot.at > OLD_MS;
  const dim = away !== undefined || !up || shot.problem !== undefined || old;
  const why = away ?? (up ? shot.problem?.message : undefined);
  if (!up || !shot.picture)
    return (
      <div className="absolute inset-0 flex flex-col items-center justify-center gap-1 px-2 text-center text-caption text-fg-muted">
        {up && why === undefined ? <span className="absolute inset-0 animate-pulse bg-line/40 motion-reduce:animate-none" /> : <MonitorOff size={16} aria-hidden />}
        {!up && <span aria-hidden>{vmState(vm).word}</span>}
        {why && <span className="line-clamp-3 [overflow-wrap:anywhere]">{why}</span>}
      </div>
    );
  return (
    <>
      <img src={shot.picture.url} alt="" draggable={false} className={cx("size-full object-contain", dim && "opacity-45 grayscale")} />
      {dim && shot.at !== undefined && (
        <span title={why} className="absolute right-1 bottom-1 rounded-sm bg-overlay px-1 text-caption text-unknown">
          {ago(new Date(shot.at))}
        </span>
      )}
    </>
  );
}

function menu({ vm, host, onOpen, onDetach }: TileProps): MenuItem[] {
  const detach: MenuItem[] = onDetach ? [{ id: "detach", label: "Open in a window of its own", onSelect: onDetach }] : [];
  return [{ id: "open", label: "Open console", shortcut: "Enter", onSelect: onOpen }, ...detach, "line", ...vmMenu(vm, host)];
}
