import type { MessageInitShape } from "@bufbuild/protobuf";

import type { Image } from "@/gen/limiquantix/v1/image_pb";
import type { CloudInitSchema, CreateVMRequestSchema } from "@/gen/limiquantix/v1/vm_pb";
import { compareWords } from "@/ui/table-order";
import { readKeys } from "./ssh-key";

/** DraftNIC is one network card as the form holds it. */
export interface DraftNIC {
  network: string;
  /** "": the server makes one. */
  mac: string;
  model: string;
}

/** Draft is everything that the wizard asks for, as it was typed. Sizes are bytes; undefined is not readable. */
export interface Draft {
  name: string;
  title: string;
  /** imageKey of the image; "" until one is chosen. */
  image: string;
  host: string;
  pool: string;
  preset: PresetId | "custom";
  vcpus: number | undefined;
  memory: bigint | undefined;
  disk: bigint | undefined;
  /** The disk follows the preset and the image: nobody typed a size. */
  diskAuto: boolean;
  nics: DraftNIC[];
  seed: boolean;
  hostname: string;
  user: string;
  password: string;
  /** Public keys, one a line. */
  keys: string;
  userData: string;
  networkConfig: string;
  uefi: boolean;
  autostart: boolean;
  start: boolean;
}

export type PresetId = "small" | "medium" | "large";

const GiB = 1n << 30n;

/** PRESETS are the sizes that one picks without thinking. */
export const PRESETS: { id: PresetId; label: string; vcpus: number; memory: bigint; disk: bigint }[] = [
  { id: "small", label: "Small", vcpus: 1, memory: GiB, disk: 10n * GiB },
  { id: "medium", label: "Medium", vcpus: 2, memory: 4n * GiB, disk: 20n * GiB },
  { id: "large", label: "Large", vcpus: 4, memory: 8n * GiB, disk: 40n * GiB },
];

/** NEW_NIC is a card before anything was chosen: its network is the host's usual one. */
export const NEW_NIC: DraftNIC = { network: "", mac: "", model: "virtio" };

/** newDraft is the form before anything was typed. */
export function newDraft(host = "", image = ""): Draft {
  return {
    name: "", title: "", image, host, pool: "", preset: "medium", vcpus: 2, memory: 4n * GiB, disk: 20n * GiB, diskAuto: true, nics: [NEW_NIC],
    seed: true, hostname: "", user: "", password: "", keys: "", userData: "", networkConfig: "", uefi: false, autostart: false, start: true,
  };
}

/** imageKey is the same for the same image on several hosts: its name, format and size. */
export function imageKey(i: Pick<Image, "name" | "format" | "virtualBytes">): string {
  return `${i.name}\n${i.format}\n${i.virtualBytes}`;
}

/** ImageGroup is one image with the places where it is. */
export interface ImageGroup {
  key: string;
  name: string;
  format: string;
  virtualBytes: bigint;
  /** By host and pool. */
  at: Image[];
}

/** groupImages puts the same image of several hosts together, by name. */
export function groupImages(images: readonly Image[]): ImageGroup[] {
  const groups = new Map<string, ImageGroup>();
  for (const i of images) {
    const key = imageKey(i);
    const group = groups.get(key) ?? { key, name: i.name, format: i.format, virtualBytes: i.virtualBytes, at: [] };
    group.at.push(i);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => compareWords(a.name, b.name) || Number(a.virtualBytes - b.virtualBytes));
}

/** imageOn finds the image of a group on a host: in the pool of the draft, else in any. */
export function imageOn(group: ImageGroup | undefined, host: string, pool: string): Image | undefined {
  const here = group?.at.filter((i) => i.host === host) ?? [];
  return here.find((i) => i.pool === pool) ?? here[0];
}

/** requestOf is what the API is sent. Empty fields are left to the server's defaults. */
export function requestOf(d: Draft, image: Image | undefined): MessageInitShape<typeof CreateVMRequestSchema> {
  return {
    name: d.name, title: d.title.trim(), host: d.host, image: image ? `${image.pool}/${image.name}` : "", pool: d.pool,
    vcpus: d.vcpus, memoryBytes: d.memory, diskBytes: d.disk ?? 0n,
    nics: d.nics.map((n) => ({ network: n.network, mac: n.mac.trim(), model: n.model })),
    cloudInit: d.seed ? cloudInitOf(d) : undefined,
    uefi: d.uefi, autostart: d.autostart, start: d.start,
  };
}

/** cloudInitOf is the draft's cloud-init, for CreateVM and for its preview. */
export function cloudInitOf(d: Draft): MessageInitShape<typeof CloudInitSchema> {
  return {
    hostname: d.hostname.trim(), user: d.user.trim(), password: d.password, sshKeys: readKeys(d.keys).map((k) => k.line),
    userData: d.userData.trim() === "" ? "" : d.userData, networkConfig: d.networkConfig.trim() === "" ? "" : d.networkConfig,
  };
}

const KEY = "limiquantix.create";

/** saveDraft keeps the draft for this tab, over reloads and other pages; the password stays out of it. */
export function saveDraft(d: Draft, storage: Pick<Storage, "setItem">): void {
  storage.setItem(KEY, JSON.stringify({ ...d, password: "" }, (_, v: unknown) => (typeof v === "bigint" ? { bytes: String(v) } : v)));
}

/** loadDraft returns what was kept; undefined when there is nothing, or nothing readable. */
export function loadDraft(storage: Pick<Storage, "getItem">): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "", (_, v: unknown) => (isSize(v) ? BigInt(v.bytes) : v));
    return isDraft(kept) ? { ...newDraft(), ...kept } : undefined;
  } catch {
    return undefined;
  }
}

/** dropDraft forgets it. */
export function dropDraft(storage: Pick<Storage, "removeItem">): void {
  storage.removeItem(KEY);
}

function isSize(v: unknown): v is { bytes: string } {
  return typeof v === "object" && v !== null && "bytes" in v && typeof v.bytes === "string" && /^\d{1,19}$/.test(v.bytes);
}

function isDraft(v: unknown): v is Partial<Draft> {
  return typeof v === "object" && v !== null && "name" in v && typeof v.name === "string" && "nics" in v && Array.isArray(v.nics);
}
