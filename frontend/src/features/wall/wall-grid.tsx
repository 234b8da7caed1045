import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { vmKey } from "@/lib/inventory";
import { GAP, gridOf, move, pixelsOf } from "./grid";
import { Tile } from "./tile";
import { GalleryContext, useNewGallery } from "./use-gallery";

/** Space around the tiles, in px. */
const PAD = 12;

/** WallGrid is the tiles, of which only those in sight exist. Arrows move, Enter opens. */
export function WallGrid({ vms, hosts, size, onOpen, onDetach }: {
  vms: readonly VM[];
  hosts: ReadonlyMap<string, Host>;
  /** About how wide a tile is, in px. */
  size: number;
  onOpen: (vm: VM) => void;
  /** Absent: there are no windows to open. */
  onDetach: ((vm: VM) => void) | undefined;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const space = useWidth(scroller) - 2 * PAD;
  const { columns, width, height } = gridOf(space, size);
  const gallery = useNewGallery(pixelsOf(width, window.devicePixelRatio));
  const [current, setCurrent] = useState<string>();
  const [grab, setGrab] = useState<string>();
  const rows = useVirtualizer({ count: Math.ceil(vms.length / columns), getScrollElement: () => scroller.current, estimateSize: () => height + GAP, overscan: 1, paddingStart: PAD, paddingEnd: PAD });
  useEffect(() => rows.measure(), [rows, height]);

  const at = Math.max(0, vms.findIndex((v) => vmKey(v) === current));
  const key = (e: KeyboardEvent, vm: VM) => {
    if (e.key === "Enter") return e.ctrlKey && onDetach ? onDetach(vm) : onOpen(vm);
    const to = e.ctrlKey || e.altKey || e.metaKey ? undefined : move(e.key, at, vms.length, columns);
    const next = to === undefined ? undefined : vms[to];
    if (to === undefined || !next) return;
    e.preventDefault();
    setCurrent(vmKey(next));
    setGrab(vmKey(next));
    rows.scrollToIndex(Math.floor(to / columns));
  };
  return (
    <div ref={scroller} role="grid" aria-label="Screens" aria-rowcount={Math.ceil(vms.length / columns)} aria-colcount={columns} className="relative min-h-0 flex-1 overflow-y-auto bg-canvas">
      <GalleryContext value={gallery}>
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          {space > 0 &&
            rows.getVirtualItems().map((row) => (
              <div key={row.key} role="row" aria-rowindex={row.index + 1} className="absolute flex" style={{ top: row.start, left: PAD, gap: GAP }}>
                {vms.slice(row.index * columns, (row.index + 1) * columns).map((vm, i) => (
                  <Tile
                    key={vmKey(vm)}
                    vm={vm}
                    host={hosts.get(vm.host)}
                    current={row.index * columns + i === at}
                    grab={grab === vmKey(vm)}
                    column={i}
                    width={width}
                    height={height}
                    onCurrent={() => setCurrent(vmKey(vm))}
                    onOpen={() => onOpen(vm)}
                    onDetach={onDetach && (() => onDetach(vm))}
                    onKeyDown={(e) => key(e, vm)}
                  />
                ))}
              </div>
            ))}
        </div>
      </GalleryContext>
    </div>
  );
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([e]) => setWidth(e?.contentRect.width ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
