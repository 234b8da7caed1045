import type { JournalEntry, Unit } from "@/gen/limiquantix/v1/hostos_pb";
import type { StateKind } from "@/ui/state";

/** PRIORITIES are syslog's, the gravest first, in our words. */
export const PRIORITIES = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"] as const;

/** priorityState is how grave an entry is drawn. */
export function priorityState(priority: number): StateKind {
  if (priority < 0 || priority > 4) return "unknown";
  return priority <= 3 ? "failed" : "warning";
}

/** unitState is a service's state in one word and its colour. */
export function unitState(u: Pick<Unit, "active" | "sub" | "load">): { kind: StateKind; word: string } {
  switch (u.active) {
    case "active":
      return { kind: "running", word: u.sub === "exited" ? "done" : u.sub || "active" };
    case "failed":
      return { kind: "failed", word: "failed" };
    case "activating":
      return { kind: "transient", word: "starting" };
    case "deactivating":
      return { kind: "transient", word: "stopping" };
    case "reloading":
      return { kind: "transient", word: "reloading" };
    default:
      return { kind: "stopped", word: u.load === "masked" ? "masked" : u.load === "not-found" ? "not installed" : "stopped" };
  }
}

/** entryText is an entry's message, or why it has none. */
export function entryText(e: Pick<JournalEntry, "message" | "cut">): string {
  if (e.message === "") return e.cut ? "(longer than the host prints)" : "(empty)";
  return e.cut ? `${e.message} … (longer)` : e.message;
}

/** priorityOf reads a priority out of an address; undefined for none or nonsense. */
export function priorityOf(text: unknown): number | undefined {
  const n = typeof text === "number" ? text : typeof text === "string" && /^[0-7]$/.test(text) ? Number(text) : NaN;
  return Number.isInteger(n) && n >= 0 && n <= 7 ? n : undefined;
}

/** MOST_KEPT is how many entries a page keeps while it follows. */
export const MOST_KEPT = 5000;

/** joined adds pieces of a journal, each entry once, without the oldest beyond MOST_KEPT. */
export function joined(pages: readonly { entries: readonly JournalEntry[] }[]): JournalEntry[] {
  const seen = new Set<string>();
  const all = pages.flatMap((p) => p.entries).filter((e) => !seen.has(e.cursor) && seen.add(e.cursor));
  return all.slice(Math.max(0, all.length - MOST_KEPT));
}
