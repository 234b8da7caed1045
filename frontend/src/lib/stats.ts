import type { Transport } from "@connectrpc/connect";
import { createClient } from "@connectrpc/connect";
import { useCallback, useEffect, useSyncExternalStore } from "react";

import type { HostStats, VMStats, WatchStatsResponse } from "@/gen/limiquantix/v1/metric_pb";
import { MetricService } from "@/gen/limiquantix/v1/metric_pb";
import { date } from "./format";

/** How many samples of each object are kept for sparklines. */
const KEPT = 60;

/** How long messages are gathered before sums over many objects are told. */
const GATHER_MS = 250;

/** Trail is the last samples of one figure, oldest first. */
export type Trail = readonly number[];

/** Entry is what is known of one object. Its ring is written in place: thousands move each second, few are looked at. */
interface Entry<T> {
  last: T;
  at: number;
  ring: Float32Array;
  /** Samples ever; the newest is at (count - 1) % KEPT. */
  count: number;
}

/**
 * Stats holds the newest figures of hosts and VMs. The stream runs only while
 * something on the screen wants figures and the page is visible.
 */
export class Stats {
  private vms = new Map<string, Entry<VMStats>>();
  private hosts = new Map<string, Entry<HostStats>>();
  private ofHost = new Map<string, string[]>();
  private listeners = new Map<string, Set<() => void>>();
  private wanted = 0;
  private running: AbortController | undefined;
  private ticks = 0;
  private tock: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly transport: Transport,
    /** Resolves once the server is there, as far as is known. */
    private readonly back: () => Promise<void> = () => Promise.resolve(),
    private readonly seconds = 5,
  ) {
    document.addEventListener("visibilitychange", () => this.settle());
  }

  /** want keeps the stream running until the returned function is called. */
  want = (): (() => void) => {
    this.wanted++;
    this.settle();
    return () => {
      this.wanted--;
      setTimeout(() => this.settle(), 2000); // the next page may want them too
    };
  };

  private settle() {
    const run = this.wanted > 0 && document.visibilityState !== "hidden";
    if (run && !this.running) {
      this.running = new AbortController();
      void this.follow(this.running.signal);
    } else if (!run && this.running) {
      this.running.abort();
      this.running = undefined;
    }
  }

  private async follow(signal: AbortSignal) {
    const api = createClient(MetricService, this.transport);
    while (!signal.aborted) {
      try {
        for await (const m of api.watchStats({ intervalSeconds: this.seconds }, { signal })) this.take(m);
      } catch {
        // the Watch stream tells the user; this one just comes back
      }
      await new Promise((done) => setTimeout(done, 2000));
      await this.back();
    }
  }

  /** take stores what one host told, and wakes who shows it. */
  take(m: WatchStatsResponse) {
    const host = m.host?.host ?? "";
    const at = date(m.host?.time)?.getTime() ?? Date.now();
    if (m.host) {
      put(this.hosts, host, m.host, at, m.host.cpuPercent);
      this.wake(`host:${host}`);
    }
    const keys = this.keysOf(host, m.vms);
    m.vms.forEach((v, i) => {
      const key = keys[i] as string;
      put(this.vms, key, v, at, v.cpuPercent);
      this.wake(key);
    });
    // A hundred hosts come one by one: sums of them all are made once.
    this.tock ??= setTimeout(() => {
      this.tock = undefined;
      this.ticks++;
      this.wake("");
    }, GATHER_MS);
  }

  /** keysOf names the VMs of a host, mostly those of the last message, and forgets those that are not among them any more. */
  private keysOf(host: string, vms: readonly VMStats[]): readonly string[] {
    const before = this.ofHost.get(host) ?? [];
    const keys = vms.map((v, i) => {
      const old = before[i];
      return old?.length === host.length + 1 + v.uuid.length && old.endsWith(v.uuid) ? old : `${host}/${v.uuid}`;
    });
    if (keys.length === before.length && keys.every((k, i) => k === before[i])) return before;
    this.ofHost.set(host, keys);
    const now = new Set(keys);
    for (const gone of before)
      if (!now.has(gone)) {
        this.vms.delete(gone);
        this.wake(gone);
      }
    return keys;
  }

  private wake(key: string) {
    for (const f of this.listeners.get(key) ?? []) f();
  }

  /** subscribe tells of one VM ("host/uuid"), one host ("host:name") or, with "", of anything. */
  subscribe(key: string, f: () => void): () => void {
    const set = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, set.add(f));
    return () => {
      set.delete(f);
      if (set.size === 0) this.listeners.delete(key);
    };
  }

  vm = (key: string): VMStats | undefined => this.vms.get(key)?.last;
  host = (name: string): HostStats | undefined => this.hosts.get(name)?.last;
  /** When the newest figures of a VM are of, in milliseconds. */
  vmAt = (key: string): number | undefined => this.vms.get(key)?.at;
  /** CPU percent of the last samples, in an array of its own. */
  vmTrail = (key: string): Trail => trailOf(this.vms.get(key));
  hostTrail = (name: string): Trail => trailOf(this.hosts.get(name));
  /** tick rises when messages came, at most a few times a second; for views of many objects. */
  tick = (): number => this.ticks;
}

function put<T>(map: Map<string, Entry<T>>, key: string, last: T, at: number, value: number) {
  let entry = map.get(key);
  if (!entry) map.set(key, (entry = { last, at, ring: new Float32Array(KEPT), count: 0 }));
  entry.last = last;
  entry.at = at;
  entry.ring[entry.count++ % KEPT] = value;
}

function trailOf(entry: Entry<unknown> | undefined): Trail {
  if (!entry) return [];
  const length = Math.min(KEPT, entry.count);
  return Array.from({ length }, (_, i) => entry.ring[(entry.count - length + i) % KEPT] as number);
}

let shared: Stats | undefined;

/** openStats is called once, before the first render. */
export function openStats(transport: Transport, back: () => Promise<void>): Stats {
  shared = new Stats(transport, back);
  return shared;
}

/** stats returns the figures of this page. */
export function stats(): Stats {
  if (!shared) throw new Error("the figures are not open yet");
  return shared;
}

/** useStats keeps the stream of figures running while a component is shown. */
export function useStats(): Stats {
  const s = stats();
  useEffect(() => s.want(), [s]);
  return s;
}

/** useVMStats is a VM's newest figures; undefined while it does not run or nothing is known. */
export function useVMStats(key: string): VMStats | undefined {
  const s = useStats();
  return useSyncExternalStore(
    useCallback((f) => s.subscribe(key, f), [s, key]),
    () => s.vm(key),
  );
}

/** useHostStats is a host's newest figures. */
export function useHostStats(name: string): HostStats | undefined {
  const s = useStats();
  return useSyncExternalStore(
    useCallback((f) => s.subscribe(`host:${name}`, f), [s, name]),
    () => s.host(name),
  );
}

/** useAnyStats renders again when any figure changed; for tops and sums. */
export function useAnyStats(): Stats {
  const s = useStats();
  useSyncExternalStore(
    useCallback((f) => s.subscribe("", f), [s]),
    s.tick,
  );
  return s;
}
