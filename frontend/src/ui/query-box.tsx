import { CircleAlert, Search, X } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { useId, useRef, type KeyboardEvent, type Ref, type RefObject } from "react";

import type { Problem } from "@/lib/query-text";
import type { Kind } from "@/lib/search";
import { IconButton } from "./button";
import { cx } from "./cx";
import { controlBox } from "./input";
import { Listbox } from "./listbox";
import { queryKey, useQueryState } from "./query-state";

type State = ReturnType<typeof useQueryState>;

/**
 * A filter box for the query language of the server (docs/search.md): completes fields and values,
 * and points at what it does not understand. Down goes on to the rows of the table
 * around it, Tab or Enter take a completion, Esc closes, then clears.
 */
export function QueryBox({ label, placeholder, ...of }: {
  label: string;
  placeholder?: string;
  /** What is asked about: whose fields and values are offered. Call it the same thing across renders. */
  kinds: Kind[];
  value: string;
  /** Called when typing pauses. */
  onChange: (query: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const s = useQueryState({ ...of, input });
  const id = useId();
  return (
    <>
      <Radix.Root open={s.open} onOpenChange={(o) => !o && s.close()}>
        <Radix.Anchor asChild>
          <span className={cx(controlBox, "relative h-(--control-sm)! max-w-160 min-w-28 flex-1 text-table!", s.told.length > 0 && "border-failed!")}>
            <Search size={14} aria-hidden className="ml-2 shrink-0 text-fg-muted" />
            <Line id={id} label={label} placeholder={placeholder} input={input} s={s} />
            {s.text === "" ? (
              <span aria-hidden className="shrink-0 pr-2 text-caption text-fg-muted">/</span>
            ) : (
              <IconButton size="sm" icon={X} label="Clear the filter" className="mr-0.5 h-5! w-5!" onClick={() => s.type("")} />
            )}
            <span id={`${id}p`} role="status" className="sr-only">{s.told.map((p) => p.message).join(". ")}</span>
          </span>
        </Radix.Anchor>
        <Radix.Portal>
          <Radix.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label={`Help for ${label}`}
            onOpenAutoFocus={(e) => e.preventDefault()}
            onCloseAutoFocus={(e) => e.preventDefault()}
            className="z-40 w-(--radix-popper-anchor-width) max-w-120 min-w-72 overflow-hidden rounded-lg border border-line bg-overlay text-fg shadow-overlay"
          >
            <Told text={s.text} problems={s.told} />
            {s.offers.length > 0 && (
              <Listbox
                id={id}
                label={label}
                options={s.offers.map((o) => ({ value: o.text, label: o.text, hint: o.hint }))}
                active={s.chosen}
                value={undefined}
                onActive={s.choose}
                onPick={(o) => s.take(s.offers.find((x) => x.text === o.value))}
              />
            )}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
      {s.told[0] && !s.open && (
        <span aria-hidden title={s.told[0].message} className="flex min-w-0 items-center gap-1 text-table text-failed">
          <CircleAlert size={13} className="shrink-0" />
          <span className="name">{s.told[0].message}</span>
        </span>
      )}
    </>
  );
}

function Line({ id, label, placeholder, input, s }: { id: string; label: string; placeholder?: string; input: RefObject<HTMLInputElement | null>; s: State }) {
  const underline = useRef<HTMLDivElement>(null);
  const wrong = s.told.length > 0;
  const keys = (e: KeyboardEvent) => {
    if (!queryKey(e, s, () => toRows(input.current))) return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <span className="relative h-full min-w-0 flex-1 overflow-hidden">
      <Underline ref={underline} text={s.text} problems={s.told} />
      <input
        ref={input}
        type="text"
        role="combobox"
        data-table-filter
        aria-label={label}
        aria-keyshortcuts="/"
        aria-expanded={s.open}
        aria-autocomplete="list"
        aria-controls={s.open && s.offers.length > 0 ? id : undefined}
        aria-activedescendant={s.open && s.chosen >= 0 ? `${id}-${s.chosen}` : undefined}
        aria-busy={!s.fresh || undefined}
        aria-invalid={wrong || undefined}
        aria-describedby={wrong ? `${id}p` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={s.text}
        onChange={(e) => s.write(e.target.value, e.target.selectionStart)}
        onSelect={s.follow}
        onBlur={s.close}
        onKeyDown={keys}
        onScroll={(e) => underline.current?.style.setProperty("transform", `translateX(${-e.currentTarget.scrollLeft}px)`)}
        className="absolute inset-0 w-full bg-transparent px-2 font-mono text-table outline-none placeholder:font-sans"
      />
    </span>
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
    <ul className="border-b border-line px-3 py-1.5 text-table last:border-b-0">
      {problems.map((p) => (
        <li key={`${p.from} ${p.message}`} className="flex items-baseline gap-2">
          <code className="shrink-0 font-mono text-failed">{text.slice(p.from, p.to)}</code>
          <span className="min-w-0 [overflow-wrap:anywhere]">{p.message}</span>
        </li>
      ))}
    </ul>
  );
}
