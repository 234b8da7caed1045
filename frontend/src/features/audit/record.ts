import type { AuditRecord } from "@/gen/limiquantix/v1/audit_pb";
import type { Kind } from "@/lib/vm-state";

const EVENTS: Record<string, { kind: Kind; word: string }> = {
  begin: { kind: "transient", word: "begun" },
  resume: { kind: "transient", word: "resumed" },
  done: { kind: "running", word: "done" },
  failed: { kind: "failed", word: "failed" },
  canceled: { kind: "stopped", word: "canceled" },
  interrupted: { kind: "warning", word: "interrupted" },
  stuck: { kind: "failed", word: "stuck" },
};

/** eventOf is how what a record tells is drawn and called. */
export function eventOf(r: Pick<AuditRecord, "event">): { kind: Kind; word: string } {
  return EVENTS[r.event] ?? { kind: "unknown", word: r.event || "unknown" };
}

const DOORS: Record<string, string> = { cli: "command line", browser: "browser", window: "window", resume: "by itself" };

/** doorWord is the way by which somebody had it done. */
export function doorWord(door: string): string {
  return DOORS[door] ?? door;
}

/** pretty is a request for reading: JSON, indented; as it is where it is none. */
export function pretty(request: string): string {
  try {
    return JSON.stringify(JSON.parse(request), null, 2);
  } catch {
    return request;
  }
}
