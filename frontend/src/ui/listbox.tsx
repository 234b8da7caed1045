import { Check } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";

import { cx } from "./cx";

/** One choice of a Select or Combobox. */
export interface Option<V extends string = string> {
  value: V;
  label: string;
  /** Second line, muted: where it lives, how large it is. */
  hint?: ReactNode;
  /** Before the label. */
  icon?: ReactNode;
  /** Why it cannot be chosen. */
  disabledReason?: string;
  /** Options of one group stand together under its name. */
  group?: string;
}

/** The list inside Select and Combobox; the focus stays with the control, which says which option is active. */
export function Listbox<V extends string>({ id, label, options, active, value, onActive, onPick, multiple }: {
  id: string;
  label?: string;
  options: readonly Option<V>[];
  active: number;
  value: V | undefined;
  onActive: (index: number) => void;
  onPick: (option: Option<V>) => void;
  multiple?: boolean;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={label} aria-multiselectable={multiple} className="max-h-72 overflow-y-auto p-1">
      {options.map((o, i) => (
        <div key={o.value}>
          {o.group && o.group !== options[i - 1]?.group && (
            <div aria-hidden className="px-2 pt-1.5 pb-0.5 text-caption font-medium text-fg-muted">{o.group}</div>
          )}
          <Line id={`${id}-${i}`} option={o} active={i === active} chosen={o.value === value} onEnter={() => onActive(i)} onPick={() => onPick(o)} />
        </div>
      ))}
    </div>
  );
}

function Line<V extends string>({ id, option, active, chosen, onEnter, onPick }: {
  id: string;
  option: Option<V>;
  active: boolean;
  chosen: boolean;
  onEnter: () => void;
  onPick: () => void;
}) {
  const { label, hint, icon, disabledReason } = option;
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      aria-disabled={disabledReason ? true : undefined}
      data-active={active}
      onMouseMove={active ? undefined : onEnter}
      onMouseDown={(e) => e.preventDefault()}
      onClick={disabledReason ? undefined : onPick}
      className={cx("flex min-h-7 items-center gap-2 rounded-md px-2 py-1 select-none", active && "bg-accent-soft", disabledReason && "text-fg-muted")}
    >
      {icon && <span className="shrink-0 text-fg-muted">{icon}</span>}
      <span className="min-w-0 flex-1">
        <bdi className="block [overflow-wrap:anywhere]">{label}</bdi>
        {(disabledReason ?? hint) && <span className="block text-table text-fg-muted">{disabledReason ?? hint}</span>}
      </span>
      {chosen && <Check size={14} aria-hidden className="shrink-0 text-accent-fg" />}
    </div>
  );
}

/** The next index from `from` in direction `by` that can be chosen; `from` when there is none. Ends do not wrap. */
export function step(options: readonly { disabledReason?: string }[], from: number, by: 1 | -1): number {
  for (let i = from + by; i >= 0 && i < options.length; i += by) if (!options[i]?.disabledReason) return i;
  return from;
}
