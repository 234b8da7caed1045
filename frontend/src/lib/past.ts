import type { HistoryChange, HistoryObject, PastDifference } from "@/gen/limiquantix/v1/history_pb";
import { hostHref, networkHref, poolHref, vmHref } from "./links";
import type { Kind } from "./vm-state";

const STATES: Record<string, Kind> = {
  running: "running", active: "running", managed: "running",
  paused: "paused", suspended: "paused",
  stopped: "stopped", inactive: "stopped",
  starting: "transient", "shutting-down": "transient", building: "transient",
  crashed: "failed", degraded: "warning",
};

/** pastState is how a state of then is drawn and called. */
export function pastState(state: string): { kind: Kind; word: string } {
  return { kind: STATES[state] ?? "unknown", word: state.replace("-", " ") || "unknown" };
}

const KINDS: Record<string, string> = { vm: "VM", host: "Host", pool: "Pool", network: "Network" };

/** kindWord is a kind of object as people say it. */
export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** objectHref is the page of what a change is about, as it is now. */
export function objectHref(o: HistoryObject | undefined): string | undefined {
  switch (o?.kind) {
    case "vm":
      return vmHref({ host: o.host, uuid: o.id });
    case "host":
      return hostHref(o.host);
    case "pool":
      return poolHref(o);
    case "network":
      return networkHref(o);
  }
  return undefined;
}

/** byWhom says who made a change: one of us, another, or nobody where nothing has happened. */
export function byWhom(c: Pick<HistoryChange, "change" | "task" | "actor">): string {
  if (c.change === "found") return "";
  if (!c.task) return "another";
  return c.actor || "us";
}

/** differenceText says in a few words how an object is other than it was. */
export function differenceText(d: PastDifference): string {
  const { before, after } = d;
  if (!before) return "is new";
  if (!after) return "is gone";
  const parts: string[] = [];
  if (before.object?.name !== after.object?.name) parts.push(`was called ${before.object?.name ?? ""}`);
  if (before.state !== after.state) parts.push(`was ${before.state || "unknown"}, is ${after.state || "unknown"}`);
  if (d.configured) parts.push("is configured otherwise");
  return parts.join("; ");
}
