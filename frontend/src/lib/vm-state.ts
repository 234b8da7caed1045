import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";

/** Kind is what a state is drawn as: see StateBadge of ui. */
export type Kind = "running" | "paused" | "stopped" | "transient" | "warning" | "failed" | "unknown";

const VM_WORDS: Record<VM_State, [Kind, string]> = {
  [VM_State.UNSPECIFIED]: ["unknown", "unknown"],
  [VM_State.RUNNING]: ["running", "running"],
  [VM_State.PAUSED]: ["paused", "paused"],
  [VM_State.SHUTTING_DOWN]: ["transient", "shutting down"],
  [VM_State.STOPPED]: ["stopped", "stopped"],
  [VM_State.CRASHED]: ["failed", "crashed"],
  [VM_State.SUSPENDED]: ["paused", "suspended"],
};

/** vmState is how a VM's state is drawn and called. */
export function vmState(v: Pick<VM, "state">): { kind: Kind; word: string } {
  const [kind, word] = VM_WORDS[v.state] ?? VM_WORDS[VM_State.UNSPECIFIED];
  return { kind, word };
}

const HOST_WORDS: Record<Host_State, [Kind, string]> = {
  [Host_State.UNSPECIFIED]: ["unknown", "unknown"],
  [Host_State.IDLE]: ["stopped", "not connected"],
  [Host_State.CONNECTING]: ["transient", "connecting"],
  [Host_State.LIVE]: ["running", "live"],
  [Host_State.STALE]: ["warning", "not reachable"],
  [Host_State.REFUSED]: ["failed", "refused"],
};

/** hostState is how a host's connection is drawn and called. */
export function hostState(h: Pick<Host, "state">): { kind: Kind; word: string } {
  const [kind, word] = HOST_WORDS[h.state] ?? HOST_WORDS[Host_State.UNSPECIFIED];
  return { kind, word };
}

/** lackOf says what is missing before a list of what hosts hold can have rows: any host at all, or one that can be asked; undefined: nothing. */
export function lackOf(hosts: readonly Pick<Host, "state">[]): "hosts" | "live" | undefined {
  if (hosts.length === 0) return "hosts";
  return hosts.some((h) => h.state === Host_State.LIVE) ? undefined : "live";
}

/** unreachable says why nothing can be done on a host now; undefined when it can. */
export function unreachable(h: Host | undefined): string | undefined {
  if (!h) return "Its host is not known here any more";
  if (h.state === Host_State.LIVE) return undefined;
  return h.reason ? `Host ${h.name} is ${hostState(h).word}: ${h.reason}` : `Host ${h.name} is ${hostState(h).word}`;
}
