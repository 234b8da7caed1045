import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { local } from "@/lib/storage";
import { cx } from "./cx";

/** Keeps a number within limits. */
export function clamp(n: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, n));
}

function remembered(key: string, size: number, min: number, max: number): number {
  const value = Number(local.getItem(key) ?? NaN);
  return Number.isFinite(value) ? clamp(value, min, max) : size;
}

/**
 * Two areas with a line between them that can be moved, by pointer or arrow
 * keys. `pane` has the size, which is remembered; `children` takes the rest.
 */
export function SplitPane({ id, side, label, pane, children, size: first = 240, min = 160, max = 640, collapsed = false }: {
  /** Under this name its size is remembered. */
  id: string;
  /** Where the pane stands. */
  side: "left" | "right" | "bottom";
  /** The pane's name: "Inventory". */
  label: string;
  pane: ReactNode;
  children: ReactNode;
  /** Pixels, before anything is remembered. */
  size?: number;
  min?: number;
  max?: number;
  /** The pane is not there. */
  collapsed?: boolean;
}) {
  const key = `limiquantix.pane.${id}`;
  const [size, setSize] = useState(() => remembered(key, first, min, max));
  const from = useRef<{ at: number; size: number }>(undefined);
  const level = side === "bottom";
  const sign = side === "left" ? 1 : -1;
  const at = (e: PointerEvent) => (level ? e.clientY : e.clientX);
  const resize = (to: number) => {
    const next = clamp(Math.round(to), min, max);
    setSize(next);
    local.setItem(key, String(next));
  };
  const keys = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16, ArrowUp: -16, ArrowDown: 16 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    resize(size + by * sign);
  };
  const area = <div className="shrink-0 overflow-hidden" style={level ? { height: size } : { width: size }}>{pane}</div>;
  const bar = (
    <div
      role="separator"
      tabIndex={0}
      aria-label={`Size of ${label}`}
      aria-orientation={level ? "horizontal" : "vertical"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={keys}
      onDoubleClick={() => resize(first)}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        from.current = { at: at(e), size };
      }}
      onPointerMove={(e) => from.current && resize(from.current.size + (at(e) - from.current.at) * sign)}
      onPointerUp={() => (from.current = undefined)}
      onPointerCancel={() => (from.current = undefined)}
      className={cx(
        "relative z-10 shrink-0 bg-line outline-none hover:bg-accent-line focus-visible:bg-accent-line active:bg-accent-line",
        "after:absolute after:content-['']",
        level ? "h-px w-full cursor-row-resize after:inset-x-0 after:-inset-y-1" : "h-full w-px cursor-col-resize after:-inset-x-1 after:inset-y-0",
      )}
    />
  );
  return (
    <div className={cx("flex h-full min-h-0 w-full min-w-0", level && "flex-col")}>
      {!collapsed && side === "left" && area}
      {!collapsed && side === "left" && bar}
      <div className="min-h-0 min-w-0 flex-1 overflow-hidden">{children}</div>
      {!collapsed && side !== "left" && bar}
      {!collapsed && side !== "left" && area}
    </div>
  );
}
