import type { Event } from "@/gen/limiquantix/v1/event_pb";
import { Event_Level } from "@/gen/limiquantix/v1/event_pb";
import { hostHref, networkHref, poolHref, vmHref } from "./links";
import type { Kind } from "./vm-state";

const LEVELS: Record<Event_Level, { kind: Kind; word: string }> = {
  [Event_Level.UNSPECIFIED]: { kind: "unknown", word: "unknown" },
  [Event_Level.INFO]: { kind: "stopped", word: "info" },
  [Event_Level.WARN]: { kind: "warning", word: "warning" },
  [Event_Level.ERROR]: { kind: "failed", word: "error" },
};

/** eventLevel is how grave an event is, drawn and in a word. */
export function eventLevel(e: Pick<Event, "level">): { kind: Kind; word: string } {
  return LEVELS[e.level] ?? LEVELS[Event_Level.UNSPECIFIED];
}

/** eventHref is the page of what an event is about; undefined when it has none. */
export function eventHref(e: Pick<Event, "object" | "host" | "id" | "name" | "change">): string | undefined {
  switch (e.object) {
    case "vm":
      return e.change === "removed" ? undefined : vmHref({ host: e.host, uuid: e.id });
    case "host":
      return hostHref(e.host || e.name || e.id);
    case "task":
      return `#/tasks/${encodeURIComponent(e.id)}`;
    case "pool":
      return poolHref({ host: e.host, name: e.name || e.id });
    case "network":
      return networkHref({ host: e.host, name: e.name || e.id });
  }
  return undefined;
}
