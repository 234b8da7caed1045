import { byteLength, checkMAC, checkVMName, isPrintable } from "@/lib/check";
import { bytes } from "@/lib/format";
import type { Draft, ImageGroup } from "./draft";
import { readKeys } from "./ssh-key";

/** Steps of the wizard, in order. */
export const STEPS = [
  { id: "image", label: "Image" },
  { id: "place", label: "Host and pool" },
  { id: "size", label: "Size" },
  { id: "network", label: "Networks" },
  { id: "cloud-init", label: "Cloud-init" },
  { id: "options", label: "Name and options" },
  { id: "review", label: "Review" },
] as const;

export type StepId = (typeof STEPS)[number]["id"];

/** Wrongs is what is wrong, by the field's path in CreateVMRequest: "nics[0].network". */
export type Wrongs = Partial<Record<string, string>>;

const STEP_OF: [RegExp, StepId][] = [
  [/^image$/, "image"],
  [/^(host|pool)$/, "place"],
  [/^(vcpus|memory_bytes|disk_bytes)$/, "size"],
  [/^nics\b/, "network"],
  [/^cloud_init\b/, "cloud-init"],
  [/^(name|title|uefi|autostart|start)$/, "options"],
];

/** stepOf is the step that shows a field of the request; undefined for one that no step shows. */
export function stepOf(field: string): StepId | undefined {
  return STEP_OF.find(([re]) => re.test(field))?.[1];
}

const LABELS: Partial<Record<string, string>> = {
  image: "Image", host: "Host", pool: "Pool", vcpus: "vCPUs", memory_bytes: "Memory", disk_bytes: "Disk", name: "Name", title: "Title", uefi: "Firmware",
  "cloud_init.hostname": "Host name", "cloud_init.user": "User", "cloud_init.password": "Password", "cloud_init.ssh_keys": "SSH keys",
  "cloud_init.user_data": "Own user-data", "cloud_init.network_config": "Network configuration",
};
const CARD: Partial<Record<string, string>> = { network: "Network", mac: "MAC address", model: "Model" };

/** fieldLabel is what the form calls a field of the request; the field itself where no step shows it. */
export function fieldLabel(field: string): string {
  const [, card, part = ""] = /^nics\[(\d+)\]\.(\w+)$/.exec(field) ?? [];
  if (card !== undefined) return `${CARD[part] ?? part} of card ${Number(card) + 1}`;
  const [, whole = field, at] = /^(.*)\[(\d+)\]$/.exec(field) ?? [];
  const label = LABELS[whole] ?? whole;
  return at === undefined ? label : `${label}, line ${Number(at) + 1}`;
}

/** wrongsOf is what the server would refuse, found before it is asked. */
export function wrongsOf(d: Draft, image: ImageGroup | undefined): Wrongs {
  const all: Record<string, string | undefined> = {
    name: checkVMName(d.name),
    title: checkTitle(d.title),
    image: checkImage(d, image),
    host: d.host ? undefined : "Choose a host",
    pool: d.pool ? undefined : "Choose a pool",
    vcpus: d.vcpus === undefined || d.vcpus < 1 || d.vcpus > 4096 ? "A whole number from 1 to 4096" : undefined,
    memory_bytes: checkMemory(d.memory),
    disk_bytes: checkDisk(d.disk, image),
    ...nicWrongs(d),
    ...(d.seed ? seedWrongs(d) : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, wrong]) => wrong !== undefined));
}

function checkImage(d: Draft, image: ImageGroup | undefined): string | undefined {
  if (!d.image) return "Choose an image";
  if (!image) return "This image is not there any more: choose another";
  return baseReason(image.format);
}

/** baseReason says why no disk can be based on an image of a format; undefined when one can. */
export function baseReason(format: string): string | undefined {
  if (format === "qcow2" || format === "raw") return undefined;
  return format === "iso" ? "An ISO is a CD to install from, which is not possible here yet" : `A disk is based on a qcow2 or raw image, not on ${format || "this format"}`;
}

function checkTitle(title: string): string | undefined {
  return isPrintable(title) ? undefined : "It must not contain line breaks, control or invisible characters";
}

function checkMemory(memory: bigint | undefined): string | undefined {
  if (memory === undefined) return 'A size, like "4 GiB" or "512M"';
  if (memory < 16n << 20n) return "At least 16 MiB";
  return memory > 1n << 52n ? "At most 4 PiB" : undefined;
}

function checkDisk(disk: bigint | undefined, image: ImageGroup | undefined): string | undefined {
  if (disk === undefined) return 'A size, like "20 GiB"';
  if (disk > 1n << 51n) return "At most 2 PiB";
  if (!image || disk === 0n || disk >= image.virtualBytes) return undefined;
  return `The image has ${bytes(image.virtualBytes)}: the disk cannot be smaller`;
}

function nicWrongs(d: Draft): Wrongs {
  const wrongs: Wrongs = {};
  d.nics.forEach((n, i) => {
    if (!n.network) wrongs[`nics[${i}].network`] = "Choose a network";
    const twin = n.mac !== "" && d.nics.findIndex((o) => o.mac.trim().toLowerCase() === n.mac.trim().toLowerCase()) < i;
    const wrong = checkMAC(n.mac.trim()) ?? (twin ? "Another card has this address" : undefined);
    if (wrong) wrongs[`nics[${i}].mac`] = wrong;
  });
  return wrongs;
}

const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function seedWrongs(d: Draft): Record<string, string | undefined> {
  const bad = readKeys(d.keys).filter((k) => k.wrong).length;
  return {
    "cloud_init.hostname": checkHostname(d.hostname.trim()),
    "cloud_init.user": checkUser(d.user.trim()),
    "cloud_init.password": checkPassword(d.password),
    "cloud_init.ssh_keys": bad ? `${bad === 1 ? "One line is" : `${bad} lines are`} not a public key` : undefined,
    "cloud_init.user_data": checkUserData(d.userData),
    "cloud_init.network_config": byteLength(d.networkConfig) > 1 << 20 ? "It is larger than 1 MiB" : undefined,
  };
}

/** checkHostname is RFC 1123, as core/cloudinit reads it; "" is the VM's name. */
export function checkHostname(name: string): string | undefined {
  if (name === "" || (name.length <= 253 && name.split(".").every((l) => LABEL.test(l)))) return undefined;
  return "Letters, digits and '-', up to 63 between dots";
}

/** checkUser is what Linux accepts as a user name; "" is the image's own user. */
export function checkUser(user: string): string | undefined {
  if (user === "" || /^[a-z_][a-z0-9_-]{0,31}$/.test(user)) return undefined;
  return "It begins with a small letter; small letters, digits, '-' and '_' follow, 32 at most";
}

function checkPassword(password: string): string | undefined {
  if (byteLength(password) > 256) return "It is longer than 256 bytes";
  return /[\u0000-\u001f\u007f-\u009f]/.test(password) ? "It holds control characters" : undefined;
}

/** checkUserData looks at the first line alone; the server reads the rest. */
export function checkUserData(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  if (byteLength(text) > 1 << 20) return "It is larger than 1 MiB";
  return text.replace(/^\ufeff/, "").split("\n")[0]?.trim() === "#cloud-config" ? undefined : "Its first line must be #cloud-config, or cloud-init ignores it";
}

/** withoutPlace is the server's sentence on YAML without the file and line that it begins with: where both are told already. */
export function withoutPlace(message: string): string {
  return message.replace(/^The (user-data|network-config) is not (valid YAML|right): line \d+: /, "");
}

/** hostnameOf is the host name that the server makes of a VM's name. */
export function hostnameOf(name: string): string {
  const clean = name.replace(/[A-Z]/g, (c) => c.toLowerCase()).replace(/[ _.]/g, "-").replace(/[^a-z0-9-]/g, "").slice(0, 63).replace(/^-+|-+$/g, "");
  return clean || "vm";
}
