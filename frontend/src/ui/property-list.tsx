import type { ReactNode } from "react";

import { CopyButton } from "./copy-button";
import { cx } from "./cx";

/** One fact: a label, a value, and what is copied when it should be. */
export interface Property {
  label: string;
  /** What is not known is undefined or "": shown as a dash. */
  value: ReactNode;
  /** Copied by a button beside it. */
  copy?: string;
  mono?: boolean;
}

/** Facts, one a row: label left, value right. columns: beside each other where the list itself has room. */
export function PropertyList({ items, columns = 1, label }: { items: readonly Property[]; columns?: 1 | 2 | 3; label?: string }) {
  const grid = { 1: "", 2: "@min-[576px]:grid-cols-2", 3: "@min-[576px]:grid-cols-2 @min-[864px]:grid-cols-3" }[columns];
  const list = (
    <dl aria-label={label} className={cx("grid grid-cols-1 gap-x-8", grid)}>
      {items.map((p) => (
        <div key={p.label} className="group flex min-h-7 items-baseline gap-3 border-b border-line/60 py-1 text-table">
          <dt className="w-32 shrink-0 text-fg-muted">{p.label}</dt>
          <dd className={cx("flex min-w-0 flex-1 items-center gap-1", p.mono && "font-mono")}>
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {p.value === undefined || p.value === null || p.value === "" ? <span className="text-fg-muted">–</span> : p.value}
            </span>
            {p.copy && (
              <span className="-my-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
                <CopyButton text={p.copy} label={`Copy ${p.label.toLowerCase()}`} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
  return columns === 1 ? list : <div className="@container">{list}</div>;
}

/** A titled part of a page: a line of heading with its actions, then the content. Never inside another one. */
export function Section({ title, actions, children, className, flush = false }: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Content without padding: tables. */
  flush?: boolean;
}) {
  return (
    <section aria-label={title} className={cx("flex min-w-0 flex-col rounded-lg border border-line bg-panel", className)}>
      <header className="flex h-9 shrink-0 items-center gap-2 border-b border-line pr-1.5 pl-3">
        <h2 className="name flex-1 text-body font-semibold">{title}</h2>
        {actions}
      </header>
      <div className={cx("min-h-0 flex-1", !flush && "px-3 py-2")}>{children}</div>
    </section>
  );
}
