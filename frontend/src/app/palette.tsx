import { useNavigate, useRouterState } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useHosts, useVMs } from "@/lib/inventory";
import { focusPage } from "@/lib/page-focus";
import { useFound, type Kind } from "@/lib/search";
import { useStored } from "@/lib/stored";
import { cx } from "@/ui/cx";
import { Kbd } from "@/ui/kbd";
import { StateShape } from "@/ui/state";
import { paletteEntries, type Entry } from "./palette-model";

const KINDS: Kind[] = ["host", "vm", "network", "pool", "task"];
const LIST = "palette-list";

/** Palette finds objects and acts by typing: Ctrl+K. */
export function Palette({ open, onClose, fixed }: { open: boolean; onClose: () => void; fixed: Entry[] }) {
  return (
    <Radix.Root open={open} onOpenChange={(o) => !o && onClose()}>
      <Radix.Portal>
        {open && <div className="fixed inset-0 z-40 bg-scrim" />}
        <Radix.Content aria-describedby={undefined} onOpenAutoFocus={(e) => e.preventDefault()}
          className="fixed top-[10vh] left-1/2 z-40 flex max-h-[70vh] w-160 max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-overlay text-fg shadow-overlay outline-none">
          <Radix.Title className="sr-only">Search or run a command</Radix.Title>
          <Finder onClose={onClose} fixed={fixed} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Finder({ onClose, fixed }: { onClose: () => void; fixed: Entry[] }) {
  const { vms } = useVMs();
  const { hosts } = useHosts();
  const navigate = useNavigate();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [typed, setTyped] = useState("");
  const { found: searched } = useFound(typed.trim().length > 1 ? typed : "", KINDS, 40);
  const [at, setAt] = useState(0);
  const [recent] = useRecent();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => input.current?.focus(), []);

  const shown = useMemo(() => vms.find((v) => path.startsWith(`/vms/${encodeURIComponent(v.host)}/${v.uuid}`)), [vms, path]);
  const entries = useMemo(
    () =>
      paletteEntries(typed, { vms, hosts, fixed, recent, shown, searched, doors: {
        open: (href) => void (location.hash = href),
        openVM: (v) => void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: v.host, uuid: v.uuid } }),
        openHost: (h) => void navigate({ to: "/hosts/$host/{-$tab}", params: { host: h.name } }),
      } }),
    [typed, vms, hosts, fixed, recent, shown, searched, navigate],
  );
  const current = entries[Math.min(at, entries.length - 1)];
  const run = (e: Entry | undefined) => {
    if (!e || e.disabled) return;
    onClose();
    focusPage(location.hash);
    e.run();
  };
  const move = (by: number) => {
    const next = (at + by + entries.length) % Math.max(1, entries.length);
    setAt(next);
    list.current?.querySelector(`[data-i="${next}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const keys = (e: KeyboardEvent) => {
    const act: Record<string, () => void> = { ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(8), PageUp: () => move(-8), Enter: () => run(current) };
    const f = act[e.key];
    if (!f) return;
    e.preventDefault();
    f();
  };
  return (
    <>
      <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-3">
        <Search size={16} aria-hidden className="text-fg-muted" />
        <input ref={input} role="combobox" aria-expanded aria-controls={LIST} aria-label="Search or run a command" aria-activedescendant={current ? `palette-${current.id}` : undefined}
          placeholder="A VM, a host, a page; an act: stop web1; a query: mem>4G" value={typed} onKeyDown={keys} spellCheck={false} autoComplete="off"
          onChange={(e) => {
            setTyped(e.target.value);
            setAt(0);
          }}
          className="h-full flex-1 bg-transparent text-title outline-none placeholder:text-fg-muted" />
        <Kbd keys="Esc" />
      </div>
      <div ref={list} id={LIST} role="listbox" aria-label="Results" className="min-h-0 flex-1 overflow-y-auto p-1">
        {entries.length === 0 && <p className="px-3 py-6 text-center text-fg-muted">Nothing is called like that</p>}
        {entries.map((e, i) => (
          <Line key={e.id} entry={e} index={i} current={e === current} heading={typed === "" && e.group !== entries[i - 1]?.group ? e.group : undefined} onHover={() => setAt(i)} onRun={() => run(e)} />
        ))}
      </div>
    </>
  );
}

function Line({ entry: e, index, current, heading, onHover, onRun }: { entry: Entry; index: number; current: boolean; heading?: string; onHover: () => void; onRun: () => void }) {
  return (
    <>
      {heading && <div role="presentation" className="px-2 pt-2 pb-1 text-caption font-medium text-fg-muted">{heading}</div>}
      <div role="option" id={`palette-${e.id}`} data-i={index} aria-selected={current} aria-disabled={e.disabled !== undefined || undefined} onMouseMove={onHover} onClick={onRun}
        className={cx("flex min-h-8 cursor-default items-center gap-2 rounded-md px-2", current && "bg-accent-soft", e.disabled && "text-fg-muted")}>
        <span className="flex w-3 shrink-0">{e.state && <StateShape state={e.state} />}</span>
        <span className={cx("min-w-0 truncate", e.danger && !e.disabled && "text-failed")}>
          <Marked text={e.label} at={e.group === "Actions" && e.id.includes(":") ? undefined : e.at} />
        </span>
        <span className="min-w-0 flex-1 truncate text-table text-fg-muted">{e.disabled ?? e.note}</span>
        {e.shortcut && <Kbd keys={e.shortcut} />}
        {!heading && index === 0 && !e.shortcut && <Kbd keys="Enter" />}
      </div>
    </>
  );
}

/** Marked shows which letters matched. */
function Marked({ text, at }: { text: string; at?: number[] }) {
  if (!at?.length) return text;
  const hits = new Set(at);
  return Array.from({ length: text.length }, (_, i) => (hits.has(i) ? <b key={i} className="font-semibold text-accent-fg">{text[i]}</b> : text[i]));
}

/** useRecent is the objects that were opened last, newest first: their ids as in the tree. */
export function useRecent(): [string[], (id: string) => void] {
  const [ids, set] = useStored<string[]>("recent", NONE);
  return [ids, (id) => set((old) => [id, ...old.filter((x) => x !== id)].slice(0, 8))];
}

const NONE: string[] = [];
