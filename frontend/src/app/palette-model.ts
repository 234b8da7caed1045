import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import type { Found } from "@/gen/limiquantix/v1/search_pb";
import { fuzzy } from "@/lib/fuzzy";
import { hostHref, networkHref, poolHref, taskHref, vmHref } from "@/lib/links";
import { structured } from "@/lib/query-text";
import { vmActions, type VMAction } from "@/lib/vm-actions";
import { hostState, vmState, type Kind } from "@/lib/vm-state";

/** Entry is one line of the palette. */
export interface Entry {
  id: string;
  label: string;
  /** Beside the label: where it lives, or its shortcut. */
  note: string;
  group: "Recent" | "VMs" | "Hosts" | "Pages" | "Actions" | "Found";
  state?: Kind;
  shortcut?: string;
  /** Why it cannot be done now. */
  disabled?: string;
  danger?: boolean;
  /** Letters of the label that matched. */
  at?: number[];
  run: () => void;
}

const LIMIT = 60;

/** Where the palette takes one. */
export interface Doors {
  openVM: (v: VM) => void;
  openHost: (h: Host) => void;
  /** An address behind the #. */
  open: (href: string) => void;
}

/**
 * paletteEntries returns what answers `typed`, best first. An act before a
 * name ("stop web1") offers that act on the VMs that match the name. Nothing
 * typed offers what was opened last, then the acts on what is shown.
 */
export function paletteEntries(typed: string, o: { vms: readonly VM[]; hosts: readonly Host[]; fixed: Entry[]; recent: readonly string[]; shown?: VM; searched?: readonly Found[]; doors: Doors }): Entry[] {
  const byName = new Map(o.hosts.map((h) => [h.name, h]));
  const vmEntry = (v: VM): Entry => ({ id: `vm:${v.host}/${v.uuid}`, label: v.name, note: v.host, group: "VMs", state: vmState(v).kind, run: () => o.doors.openVM(v) });
  const hostEntry = (h: Host): Entry => ({ id: `host:${h.name}`, label: h.name, note: hostState(h).word, group: "Hosts", state: hostState(h).kind, run: () => o.doors.openHost(h) });
  const acts = (v: VM): Entry[] =>
    vmActions(v, byName.get(v.host)).map((a) => ({ id: `${a.id}:${v.host}/${v.uuid}`, label: `${a.label.replace(/ …$/, "")} ${v.name}`, note: v.host, group: "Actions", disabled: a.disabled, danger: a.danger, run: a.run }));
  if (typed.trim() === "") {
    const recent = o.recent.flatMap((id): Entry[] => {
      const v = o.vms.find((x) => `vm:${x.host}/${x.uuid}` === id);
      const h = byName.get(id.replace(/^host:/, ""));
      return v ? [{ ...vmEntry(v), group: "Recent" }] : h ? [{ ...hostEntry(h), group: "Recent" }] : [];
    });
    return [...recent, ...(o.shown ? acts(o.shown).filter((a) => !a.disabled) : []), ...o.fixed];
  }
  const found: { entry: Entry; score: number }[] = [];
  const offer = (entry: Entry, bonus: number, text = entry.label) => {
    const m = fuzzy(typed, text);
    if (m) found.push({ entry: { ...entry, at: m.at }, score: m.score + bonus });
  };
  for (const v of o.vms) offer(vmEntry(v), 0, v.name);
  for (const h of o.hosts) offer(hostEntry(h), 5);
  for (const e of o.fixed) offer(e, 3);
  for (const { id, name } of actsMeant(typed)) {
    const near = name === "" ? (o.shown ? [o.shown] : o.vms.slice(0, 200)) : o.vms.filter((v) => fuzzy(name, v.name)).slice(0, 20);
    for (const v of near)
      for (const a of acts(v)) if (name === "" && !o.shown && a.disabled) continue;
      else if (a.id.startsWith(`${id}:`)) found.push({ entry: a, score: (a.disabled ? 0 : 700) + (fuzzy(name, v.name)?.score ?? 0) });
  }
  const near = found.sort((a, b) => b.score - a.score).slice(0, LIMIT).map((f) => f.entry);
  const searched = (o.searched ?? []).flatMap((f): Entry[] => {
    const href = foundHref(f);
    const id = f.kind === "host" ? `host:${f.id}` : `${f.kind}:${f.host}/${f.id}`;
    if (!href || (!structured(typed) && near.some((e) => e.id === id))) return [];
    return [{ id, label: f.name, note: [f.kind === "vm" ? "VM" : f.kind, f.host, f.text].filter(Boolean).join(" · "), group: "Found", run: () => o.doors.open(href) }];
  });
  return structured(typed) ? [...searched, ...near.filter((e) => !searched.some((s) => s.id === e.id))] : [...near, ...searched];
}

/** foundHref is the page of what a query found; undefined: it has none. */
function foundHref(f: Found): string | undefined {
  switch (f.kind) {
    case "vm":
      return vmHref({ host: f.host, uuid: f.id });
    case "host":
      return hostHref(f.name);
    case "network":
      return networkHref(f);
    case "pool":
      return poolHref(f);
    case "task":
      return taskHref(f.id);
  }
  return undefined;
}

/** What people call the acts on a VM, the command line's word first. */
const WORDS: Record<VMAction["id"], string[]> = {
  start: ["start", "power on", "boot"],
  shutdown: ["shutdown", "shut down"],
  stop: ["stop", "power off", "poweroff", "kill"],
  reboot: ["reboot", "restart"],
  reset: ["reset"],
  pause: ["pause"],
  resume: ["resume", "unpause"],
  delete: ["delete", "remove"],
};

/** actsMeant returns the acts that `typed` begins with, or may yet, and the name behind. */
export function actsMeant(typed: string): { id: VMAction["id"]; name: string }[] {
  const text = typed.trimStart().toLowerCase();
  const found = new Map<VMAction["id"], string>();
  for (const [id, words] of Object.entries(WORDS) as [VMAction["id"], string[]][])
    for (const word of words)
      if (text.startsWith(`${word} `)) found.set(id, text.slice(word.length).trim());
      else if (text.length > 1 && word.startsWith(text.trimEnd()) && !found.has(id)) found.set(id, "");
  return [...found].map(([id, name]) => ({ id, name }));
}
