import { CircleAlert, Search, X } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { useId, useMemo, useRef, useState, type KeyboardEvent, type Ref } from "react";

import { parseQuery, type Language } from "@/lib/query";
import { complete, type Completion } from "@/lib/query-complete";
import type { Problem } from "@/lib/query-parse";
import { IconButton } from "./button";
import { controlBox } from "./input";
import { cx } from "./cx";
import { Listbox, step } from "./listbox";
import { useTyped } from "./query-typed";

/**
 * A filter box that understands a query language: completes fields and values,
 * and points at what it does not understand. Down goes on to the rows of the table
 * around it, Tab or Enter take a completion, Esc closes, then clears.
 */
export function QueryBox<Row>({ label, placeholder, language, rows, value, onChange }: {
  label: string;
  placeholder?: string;
  language: Language<Row>;
  /** Whose values are offered. */
  rows: readonly Row[];
  value: string;
  /** Called when typing pauses. */
  onChange: (query: string) => void;
}) {
  const [text, type] = useTyped(value, onChange);
  const input = useRef<HTMLInputElement>(null);
  const underline = useRef<HTMLDivElement>(null);
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const id = useId();
  const problems = useMemo(() => parseQuery(text, language).problems, [text, language]);
  const offers = useMemo(() => (caret === undefined ? [] : complete(text, caret, language, rows)), [text, caret, language, rows]);
  const told = problems.filter((p) => caret === undefined || !p.unfinished);
  const open = caret !== undefined && (offers.length > 0 || told.length > 0);

  const take = (o: Completion | undefined) => {
    if (!o) return;
    const next = text.slice(0, o.from) + o.text + text.slice(o.to);
    type(next);
    const at = o.from + o.text.length;
    setCaret(at);
    setChosen(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const move = (by: 1 | -1) => setChosen((i) => (i < 0 && by < 0 ? -1 : step(offers.map(() => ({})), i, by)));
  const keys = (e: KeyboardEvent) => {
    const pick = offers[chosen];
    if (e.key === "ArrowDown" && open && offers.length > 0) move(1);
    else if (e.key === "ArrowDown") toRows(input.current);
    else if (e.key === "ArrowUp" && chosen >= 0) setChosen(chosen === 0 ? -1 : chosen - 1);
    else if ((e.key === "Enter" || e.key === "Tab") && pick) take(pick);
    else if (e.key === "Tab" && !e.shiftKey && open && offers.length === 1 && text.trim() !== "") take(offers[0]);
    else if (e.key === "Enter") setCaret(undefined);
    else if (e.key === "Escape" && open) setCaret(undefined);
    else if (e.key === "Escape" && text !== "") type("");
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const follow = () => {
    const at = input.current?.selectionStart ?? undefined;
    if (document.activeElement === input.current) setCaret(at);
  };
  return (
    <Radix.Root open={open} onOpenChange={(o) => !o && setCaret(undefined)}>
      <Radix.Anchor asChild>
        <span className={cx(controlBox, "relative h-(--control-sm)! max-w-160 flex-1 text-table!", told.length > 0 && "border-failed!")}>
          <Search size={14} aria-hidden className="ml-2 shrink-0 text-fg-muted" />
          <span className="relative h-full min-w-0 flex-1 overflow-hidden">
            <Underline ref={underline} text={text} problems={told} />
            <input
              ref={input}
              type="text"
              role="combobox"
              data-table-filter
              aria-label={label}
              aria-keyshortcuts="/"
              aria-expanded={open}
              aria-autocomplete="list"
              aria-controls={open ? id : undefined}
              aria-activedescendant={open && chosen >= 0 ? `${id}-${chosen}` : undefined}
              aria-invalid={told.length > 0 || undefined}
              aria-describedby={told.length > 0 ? `${id}p` : undefined}
              autoComplete="off"
              spellCheck={false}
              placeholder={placeholder}
              value={text}
              onChange={(e) => {
                type(e.target.value);
                setCaret(e.target.selectionStart ?? e.target.value.length);
                setChosen(-1);
              }}
              onSelect={follow}
              onBlur={() => setCaret(undefined)}
              onKeyDown={keys}
              onScroll={(e) => underline.current?.style.setProperty("transform", `translateX(${-e.currentTarget.scrollLeft}px)`)}
              className="absolute inset-0 w-full bg-transparent px-2 font-mono text-table outline-none placeholder:font-sans"
            />
          </span>
          {told.length > 0 && !open && <span title={told[0]?.message} className="mr-1 shrink-0 text-failed"><CircleAlert size={13} aria-hidden /></span>}
          {text === "" ? (
            <span aria-hidden className="shrink-0 pr-2 text-caption text-fg-muted">/</span>
          ) : (
            <IconButton size="sm" icon={X} label="Clear the filter" className="h-5! w-5! mr-0.5" onClick={() => type("")} />
          )}
          <span id={`${id}p`} role="status" className="sr-only">{told.map((p) => p.message).join(". ")}</span>
        </span>
      </Radix.Anchor>
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(e) => e.preventDefault()}
          onCloseAutoFocus={(e) => e.preventDefault()}
          className="z-40 w-(--radix-popper-anchor-width) max-w-120 min-w-72 overflow-hidden rounded-lg border border-line bg-overlay text-fg shadow-overlay"
        >
          <Told text={text} problems={told} />
          {offers.length > 0 && (
            <Listbox id={id} label={label} options={offers.map((o) => ({ value: o.text, label: o.text, hint: o.hint }))} active={chosen} value={undefined} onActive={setChosen} onPick={(o) => take(offers.find((x) => x.text === o.value))} />
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function toRows(input: HTMLElement | null) {
  input?.closest("[data-table]")?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus();
}

/** The same text behind the input, seen only where it is not understood. */
function Underline({ text, problems, ref }: { text: string; problems: readonly Problem[]; ref: Ref<HTMLDivElement> }) {
  let at = 0;
  const parts = problems.map((p) => {
    const from = Math.max(at, p.from);
    const part = { before: text.slice(at, from), wrong: text.slice(from, p.to) };
    at = Math.max(from, p.to);
    return part;
  });
  return (
    <div ref={ref} aria-hidden className="pointer-events-none absolute inset-0 flex items-center px-2 font-mono text-table whitespace-pre text-transparent">
      {parts.map((p, i) => (
        <span key={i}>
          {p.before}
          <span className="underline decoration-failed decoration-wavy underline-offset-3">{p.wrong}</span>
        </span>
      ))}
    </div>
  );
}

function Told({ text, problems }: { text: string; problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="border-b border-line px-3 py-1.5 text-table">
      {problems.map((p) => (
        <li key={`${p.from} ${p.message}`} className="flex items-baseline gap-2">
          <code className="shrink-0 font-mono text-failed">{text.slice(p.from, p.to)}</code>
          <span className="min-w-0 [overflow-wrap:anywhere]">{p.message}</span>
        </li>
      ))}
    </ul>
  );
}
