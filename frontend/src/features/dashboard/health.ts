import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State } from "@/gen/limiquantix/v1/task_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { bytes } from "@/lib/format";
import { hostHref, poolHref, vmHref } from "@/lib/links";
import { hostState, type Kind } from "@/lib/vm-state";

/** Concern is something that needs attention. */
export interface Concern {
  id: string;
  kind: Kind;
  /** What it is about. */
  name: string;
  /** What is wrong, in words. */
  text: string;
  hint?: string;
  href: string;
}

/** A pool is nearly full from this part on. */
export const FULL = 0.85;

/** concerns returns what needs attention, what someone must act on first. */
export function concerns(o: { hosts: readonly Host[]; vms: readonly VM[]; tasks: readonly Task[]; pools: readonly Pool[] }): Concern[] {
  const found: Concern[] = [];
  for (const h of o.hosts) {
    if (h.state !== Host_State.REFUSED && h.state !== Host_State.STALE) continue;
    const { kind, word } = hostState(h);
    found.push({ id: `host:${h.name}`, kind, name: h.name, text: h.reason ? `Host ${word}: ${h.reason}` : `Host ${word}`, hint: h.hint, href: hostHref(h.name) });
  }
  for (const t of o.tasks) {
    if (t.state !== Task_State.STUCK && t.state !== Task_State.INTERRUPTED) continue;
    const stuck = t.state === Task_State.STUCK;
    found.push({ id: `task:${t.id}`, kind: stuck ? "failed" : "warning", name: t.object || t.title, text: stuck ? `Not taken back whole: ${t.title}` : `Interrupted: ${t.title}`, hint: t.error?.hint, href: `#/tasks/${encodeURIComponent(t.id)}` });
  }
  for (const v of o.vms) if (v.state === VM_State.CRASHED) found.push({ id: `vm:${v.host}/${v.uuid}`, kind: "failed", name: v.name, text: `VM crashed on ${v.host}`, href: vmHref(v) });
  for (const p of o.pools) {
    const capacity = Number(p.capacityBytes);
    if (p.state === "degraded") found.push({ id: `pool:${p.host}/${p.name}`, kind: "failed", name: p.name, text: `Pool degraded on ${p.host}`, href: poolHref(p) });
    else if (capacity > 0 && 1 - Number(p.availableBytes) / capacity >= FULL)
      found.push({ id: `pool:${p.host}/${p.name}`, kind: "warning", name: p.name, text: `Pool on ${p.host} has ${bytes(p.availableBytes)} of ${bytes(p.capacityBytes)} left`, href: poolHref(p) });
  }
  const order: Kind[] = ["failed", "warning"];
  return found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** Capacity is a sum over hosts: used of total. */
export interface Capacity {
  used: number;
  total: number;
}

/** storageOf adds up active pools. One that several hosts share counts once for each of them. */
export function storageOf(pools: readonly Pool[]): Capacity {
  const active = pools.filter((p) => p.state === "active");
  const total = active.reduce((n, p) => n + Number(p.capacityBytes), 0);
  return { total, used: total - active.reduce((n, p) => n + Number(p.availableBytes), 0) };
}
