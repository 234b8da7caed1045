import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { ImageService } from "@/gen/limiquantix/v1/image_pb";
import type { Image } from "@/gen/limiquantix/v1/image_pb";
import { NetworkService } from "@/gen/limiquantix/v1/network_pb";
import type { Network } from "@/gen/limiquantix/v1/network_pb";
import { StorageService } from "@/gen/limiquantix/v1/storage_pb";
import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import type { HostProblem } from "@/gen/limiquantix/v1/vm_pb";
import { useHosts } from "./inventory";
import { Kept } from "./kept";

const NO_POOLS: Pool[] = [];
const NO_NETWORKS: Network[] = [];
const NO_IMAGES: Image[] = [];
const NO_PROBLEMS: HostProblem[] = [];

/** What each host told last, for as long as the page is open: it stays on the screen, dimmed, while the host is away. */
const keptPools = new Kept<Pool>();
const keptNetworks = new Kept<Network>();
const keptImages = new Kept<Image>();

/** How old an answer about hosts' stock may be before a page asks again: no event tells of a pool that fills. */
const FRESH_MS = 30_000;

/**
 * useLive splits the hosts into those that can be asked now, by name, and those
 * that cannot. A list that asked a host which is away would wait for it.
 */
function useLive() {
  const { hosts, isPending, error, refetch } = useHosts();
  const live = useMemo(() => hosts.filter((h) => h.state === Host_State.LIVE).map((h) => h.name), [hosts]);
  const away: Host[] = useMemo(() => hosts.filter((h) => h.state !== Host_State.LIVE), [hosts]);
  const names = useMemo(() => hosts.map((h) => h.name), [hosts]);
  return { names, live, away, isPending, error, refetch };
}

interface Answer {
  data?: unknown;
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  isPlaceholderData: boolean;
  refetch: () => unknown;
}

/** Stock is what all lists here say beside their rows. */
export interface Stock {
  /** Nothing is known yet. */
  isPending: boolean;
  error: unknown;
  isFetching: boolean;
  refetch: () => void;
  /** Hosts that could not be asked. */
  away: Host[];
  /** Hosts that were asked and did not tell. */
  problems: HostProblem[];
  /** Hosts whose rows are those of before. */
  old: ReadonlySet<string>;
}

function stockOf(of: ReturnType<typeof useLive>, q: Answer, problems: HostProblem[] | undefined, old: ReadonlySet<string>): Stock {
  return {
    old,
    isPending: of.isPending || (of.live.length > 0 && q.isPending),
    error: of.error ?? (of.live.length > 0 ? q.error : null),
    isFetching: q.isFetching,
    refetch: () => void (of.error ? of.refetch() : q.refetch()),
    away: of.away,
    problems: of.live.length > 0 ? (problems ?? NO_PROBLEMS) : NO_PROBLEMS,
  };
}

function options(of: ReturnType<typeof useLive>) {
  return { enabled: of.live.length > 0, placeholderData: keepPreviousData, staleTime: FRESH_MS };
}

/** all is what live hosts tell now, and what the others told last. */
function useAll<T extends { host: string }>(kept: Kept<T>, of: ReturnType<typeof useLive>, q: Answer, rows: readonly T[], problems: readonly HostProblem[]) {
  const { names, live } = of;
  const current = q.data !== undefined && !q.isPlaceholderData && !q.error && live.length > 0;
  return useMemo(() => {
    const failed = new Set(problems.map((p) => p.host));
    return kept.with(names, current ? live.filter((h) => !failed.has(h)) : [], live, rows);
  }, [kept, names, live, current, rows, problems]);
}

/** usePools returns the pools of all live hosts, by host and name; all has those that away hosts told before, too. */
export function usePools(): Stock & { pools: Pool[]; all: Pool[] } {
  const of = useLive();
  const q = useQuery(StorageService.method.listPools, { hosts: of.live }, options(of));
  const pools = of.live.length > 0 ? (q.data?.pools ?? NO_POOLS) : NO_POOLS;
  const { all, old } = useAll(keptPools, of, q, pools, q.data?.problems ?? NO_PROBLEMS);
  return { ...stockOf(of, q, q.data?.problems, old), pools, all };
}

/** useNetworks returns the networks of all live hosts, by host and name; all as in usePools. */
export function useNetworks(): Stock & { networks: Network[]; all: Network[] } {
  const of = useLive();
  const q = useQuery(NetworkService.method.listNetworks, { hosts: of.live }, options(of));
  const networks = of.live.length > 0 ? (q.data?.networks ?? NO_NETWORKS) : NO_NETWORKS;
  const { all, old } = useAll(keptNetworks, of, q, networks, q.data?.problems ?? NO_PROBLEMS);
  return { ...stockOf(of, q, q.data?.problems, old), networks, all };
}

/** useImages returns the images of all live hosts, by host and name; all as in usePools. */
export function useImages(): Stock & { images: Image[]; all: Image[] } {
  const of = useLive();
  const q = useQuery(ImageService.method.listImages, { hosts: of.live }, options(of));
  const images = of.live.length > 0 ? (q.data?.images ?? NO_IMAGES) : NO_IMAGES;
  const { all, old } = useAll(keptImages, of, q, images, q.data?.problems ?? NO_PROBLEMS);
  return { ...stockOf(of, q, q.data?.problems, old), images, all };
}
