import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import { bytes } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { compareWords } from "@/ui/table-order";
import type { Draft, ImageGroup } from "./draft";

/** Place is one host as a place for the VM. */
export interface Place {
  host: Host;
  /** Why it cannot be there; undefined when it can. */
  not?: string;
  /** What one should know, and may ignore. */
  but: string[];
}

/** placesOf judges every host for a draft: those that can take the VM first, then by name. used: bytes of memory that are taken, by host; undefined is unknown. */
export function placesOf(d: Draft, image: ImageGroup | undefined, hosts: readonly Host[], pools: readonly Pool[], used: (host: string) => bigint | undefined): Place[] {
  const places = hosts.map((host) => ({ host, not: whyNot(d, image, host, pools), but: warnings(d, host, used(host.name)) }));
  return places.sort((a, b) => Number(a.not !== undefined) - Number(b.not !== undefined) || compareWords(a.host.name, b.host.name));
}

function whyNot(d: Draft, image: ImageGroup | undefined, h: Host, pools: readonly Pool[]): string | undefined {
  const away = unreachable(h);
  if (away) return away;
  if (image && !image.at.some((i) => i.host === h.name)) return `Image ${image.name} is not on it`;
  if (!pools.some((p) => p.host === h.name && p.state === "active")) return "It has no active pool";
  const memory = h.facts?.memoryBytes ?? 0n;
  if (memory > 0n && (d.memory ?? 0n) > memory) return `It has ${bytes(memory)} of memory, and the VM would have ${bytes(d.memory ?? 0n)}`;
  const most = h.facts?.maxVcpus ?? 0;
  if (most > 0 && (d.vcpus ?? 0) > most) return `A VM on it has at most ${most} vCPUs`;
  if (d.uefi && h.facts && !h.facts.uefi) return "It has no UEFI firmware for guests";
  return undefined;
}

function warnings(d: Draft, h: Host, used: bigint | undefined): string[] {
  const f = h.facts;
  if (!f) return [];
  const out: string[] = [];
  if (!f.kvm) out.push("No KVM: emulated, about twenty times slower");
  if (f.cpus > 0 && (d.vcpus ?? 0) > f.cpus) out.push(`${d.vcpus} vCPUs on ${f.cpus} CPUs`);
  const free = used === undefined ? undefined : f.memoryBytes - used;
  if (free !== undefined && free < (d.memory ?? 0n) && (d.memory ?? 0n) <= f.memoryBytes) out.push(`${bytes(free > 0n ? free : 0n)} of memory is free`);
  return out;
}

/** PoolChoice is one pool of the host as a place for the disk. */
export interface PoolChoice {
  pool: Pool;
  not?: string;
  but?: string;
}

/** poolsOf judges the pools of the draft's host, by name. */
export function poolsOf(d: Draft, image: ImageGroup | undefined, pools: readonly Pool[]): PoolChoice[] {
  const size = (d.disk ?? 0n) > (image?.virtualBytes ?? 0n) ? (d.disk ?? 0n) : (image?.virtualBytes ?? 0n);
  return pools
    .filter((p) => p.host === d.host)
    .map((pool) => ({
      pool,
      not: pool.state === "active" ? undefined : `It is ${pool.state || "not active"}`,
      but: pool.state === "active" && size > pool.availableBytes ? `The disk may grow to ${bytes(size)}, and ${bytes(pool.availableBytes)} is free` : undefined,
    }));
}

/** bestPool is where the disk goes when nobody chose: with the image, else "default", else the emptiest. */
export function bestPool(host: string, image: ImageGroup | undefined, pools: readonly Pool[]): string {
  const here = pools.filter((p) => p.host === host && p.state === "active");
  const names = here.map((p) => p.name);
  const withImage = image?.at.find((i) => i.host === host && names.includes(i.pool))?.pool;
  if (names.includes("default")) return "default";
  return withImage ?? [...here].sort((a, b) => Number(b.availableBytes - a.availableBytes))[0]?.name ?? "";
}
