import type { KeyboardEvent, ReactNode } from "react";

import { cx } from "@/ui/cx";

/** ChoiceList is a list of which one is chosen: a radio group whose choices have several columns. */
export function ChoiceList({ label, name, children }: { label: string; /** The field's name in the API. */ name: string; children: ReactNode }) {
  return (
    <div role="radiogroup" aria-label={label} data-field={name} onKeyDown={move} className="overflow-hidden rounded-md border border-line">
      {children}
    </div>
  );
}

/** Arrows go from choice to choice, as in any radio group; those that cannot be chosen are passed by Tab alone. */
function move(e: KeyboardEvent<HTMLElement>) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (by === undefined) return;
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')];
  const next = all[all.indexOf(document.activeElement as HTMLElement) + by];
  if (!next) return;
  e.preventDefault();
  next.focus();
  if (next.getAttribute("aria-disabled") !== "true") next.click();
}

/** ChoiceRow is one choice: what it is, columns of facts, and why it cannot be chosen. */
export function ChoiceRow({ chosen, not, title, note, facts, first, onChoose }: {
  chosen: boolean;
  /** Why it cannot be chosen. */
  not?: string;
  title: string;
  /** Below the title. */
  note?: ReactNode;
  facts: readonly ReactNode[];
  /** The first one is where Tab goes while nothing is chosen. */
  first: boolean;
  onChoose: () => void;
}) {
  const off = not !== undefined;
  return (
    <div
      role="radio"
      aria-checked={chosen}
      aria-disabled={off || undefined}
      tabIndex={chosen || first ? 0 : -1}
      onClick={off ? undefined : onChoose}
      onKeyDown={(e) => {
        if (off || (e.key !== " " && e.key !== "Enter")) return;
        e.preventDefault();
        onChoose();
      }}
      className={cx(
        "flex min-h-10 items-center gap-3 border-b border-line px-3 py-1.5 -outline-offset-2! last:border-b-0",
        chosen ? "bg-accent-soft" : !off && "hover:bg-raised",
      )}
    >
      <span
        aria-hidden
        className={cx("grid size-4 shrink-0 place-items-center rounded-full border", chosen ? "border-accent bg-accent" : "border-line-strong bg-sunken", off && "opacity-40")}
      >
        {chosen && <span className="size-1.5 rounded-full bg-fg-on-accent" />}
      </span>
      <span className="min-w-0 flex-1">
        <bdi title={title} className={cx("line-clamp-2 text-left [overflow-wrap:anywhere]", off ? "text-fg-muted" : "font-medium")}>{title}</bdi>
        {(not ?? note) && <span className="line-clamp-3 text-table [overflow-wrap:anywhere] text-fg-muted">{not ?? note}</span>}
      </span>
      {facts.map((f, i) => (
        <span key={i} className={cx("w-28 shrink-0 text-right text-table", off ? "text-fg-muted" : "text-fg-secondary")}>
          {f}
        </span>
      ))}
    </div>
  );
}
