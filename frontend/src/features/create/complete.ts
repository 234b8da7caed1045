import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { Network } from "@/gen/limiquantix/v1/network_pb";
import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import type { Draft, ImageGroup } from "./draft";
import { PRESETS, groupImages } from "./draft";
import { bestPool, placesOf, poolsOf } from "./place";
import type { Wrongs } from "./rules";
import { wrongsOf } from "./rules";

/** Around is what the wizard knows of the hosts. */
export interface Around {
  hosts: readonly Host[];
  pools: readonly Pool[];
  networks: readonly Network[];
  groups: readonly ImageGroup[];
  /** Bytes of a host's memory that are taken; undefined: not known. */
  used: (host: string) => bigint | undefined;
}

/** imageOf is the image that a draft names; undefined while there is none. */
export function imageOf(d: Draft, around: Around): ImageGroup | undefined {
  return around.groups.find((g) => g.key === d.image);
}

/**
 * complete fills in what nobody chose: the image that the address names, the
 * only host that can take the VM, the best pool, the disk's size, the usual
 * network. What was chosen stays, even where it is wrong: the rules say so.
 */
export function complete(d: Draft, around: Around, asked: { image?: string } = {}): Draft {
  const image = imageOf(d, around) ?? (d.image === "" ? named(asked.image, d.host, around.groups) : undefined);
  const withImage = { ...d, image: image?.key ?? d.image };
  const preset = PRESETS.find((p) => p.id === d.preset);
  const auto = larger(preset?.disk ?? d.disk ?? 0n, image?.virtualBytes ?? 0n);
  const sized = { ...withImage, disk: d.diskAuto ? auto : d.disk };
  const host = d.host || onlyPlace(sized, image, around);
  const pool = d.pool || bestPool(host, image, around.pools);
  const usual = usualNetwork(host, around.networks);
  return { ...sized, host, pool, nics: d.nics.map((n) => (n.network ? n : { ...n, network: usual })) };
}

function named(name: string | undefined, host: string, groups: readonly ImageGroup[]): ImageGroup | undefined {
  const all = groups.filter((g) => g.name === name);
  return all.find((g) => g.at.some((i) => i.host === host)) ?? all[0];
}

function onlyPlace(d: Draft, image: ImageGroup | undefined, around: Around): string {
  if (!image) return "";
  const fit = placesOf(d, image, around.hosts, around.pools, around.used).filter((p) => p.not === undefined);
  return fit.length === 1 ? (fit[0]?.host.name ?? "") : "";
}

function usualNetwork(host: string, networks: readonly Network[]): string {
  const here = networks.filter((n) => n.host === host && n.active);
  return (here.find((n) => n.name === "default") ?? here[0])?.name ?? "";
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** allWrongs is everything that is wrong with a draft, by itself and on its host. */
export function allWrongs(d: Draft, around: Around): Wrongs {
  const image = imageOf(d, around);
  const place = placesOf(d, image, around.hosts, around.pools, around.used).find((p) => p.host.name === d.host);
  const pool = poolsOf(d, image, around.pools).find((p) => p.pool.name === d.pool);
  const there: Wrongs = {};
  if (d.host && !place) there.host = `Host ${d.host} is not here any more`;
  else if (place?.not) there.host = place.not;
  else if (d.host && d.pool && (!pool || pool.not)) there.pool = pool?.not ?? `There is no pool ${d.pool} on ${d.host}`;
  d.nics.forEach((n, i) => {
    const wrong = n.network && place && !place.not ? networkWrong(d.host, n.network, around.networks) : undefined;
    if (wrong) there[`nics[${i}].network`] = wrong;
  });
  const all = { ...there, ...wrongsOf(d, image) };
  // Pool and networks are the host's: without one there is nothing to choose from.
  return d.host ? all : Object.fromEntries(Object.entries(all).filter(([f]) => f !== "pool" && !/^nics.*network$/.test(f)));
}

function networkWrong(host: string, name: string, networks: readonly Network[]): string | undefined {
  const network = networks.find((n) => n.host === host && n.name === name);
  if (!network) return `There is no network ${name} on ${host}`;
  return network.active ? undefined : `Network ${name} is not active on ${host}`;
}

/** groupsOf is groupImages of what can be on a disk, then the rest. */
export function groupsOf(images: Parameters<typeof groupImages>[0]): ImageGroup[] {
  const all = groupImages(images);
  return [...all.filter((g) => g.format !== "iso"), ...all.filter((g) => g.format === "iso")];
}
