import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "./api";
import { isPrintable } from "./check";
import { plural } from "./format";
import { operate } from "./operate";
import { vmRef } from "./vm-actions";

/** LabelChange is what is to become of the labels of VMs; what is not named stays. */
export interface LabelChange {
  addTags?: string[];
  removeTags?: string[];
  /** "" takes them out of their folder. */
  folder?: string;
  /** An empty value removes a field. */
  fields?: { name: string; value: string }[];
}

/** labelVMs changes the labels of VMs as one task, at once, with Undo in the toast. */
export function labelVMs(vms: readonly VM[], change: LabelChange, done?: () => void): Promise<void> {
  const refs = vms.map(vmRef);
  return operate({
    call: (ask) => client(VMService).labelVMs({ vms: refs, ...change, ...ask }),
    act: `Change the labels of ${plural(vms.length, "VM")}`,
    direct: true,
    begun: done,
  });
}

/** How many colours tags have: --chart-1 and on. */
export const TAG_COLOURS = 6;

/** tagColour is the number (from 1) of a tag's colour: the same everywhere, by its name, unless somebody chose another. */
export function tagColour(tag: string, chosen: Readonly<Record<string, number>>): number {
  const own = Object.hasOwn(chosen, tag) ? chosen[tag] : undefined;
  if (own !== undefined && Number.isInteger(own) && own >= 1 && own <= TAG_COLOURS) return own;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(tag)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash % TAG_COLOURS) + 1;
}

/** A label with how many VMs have it. */
export interface Count {
  name: string;
  vms: number;
}

function counted(names: Iterable<string>): Count[] {
  const of = new Map<string, number>();
  for (const n of names) of.set(n, (of.get(n) ?? 0) + 1);
  return [...of].map(([name, vms]) => ({ name, vms })).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** tagsOf is all tags of VMs by name. */
export function tagsOf(vms: readonly VM[]): Count[] {
  return counted(vms.flatMap((v) => v.tags));
}

/** foldersOf is all folders of VMs, with those above them, by path; a folder counts what is below it, too. */
export function foldersOf(vms: readonly VM[]): Count[] {
  return counted(vms.flatMap((v) => (v.folder ? above(v.folder) : [])));
}

/** above is a folder with all above it, the outermost first: "/a", "/a/b". */
export function above(folder: string): string[] {
  const parts = folder.split("/").filter((p) => p !== "");
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`);
}

/** fieldsOf is the names of all fields of VMs. */
export function fieldsOf(vms: readonly VM[]): Count[] {
  return counted(vms.flatMap((v) => Object.keys(v.fields)));
}

/** checkTag is core/vm/label.CheckTag. */
export function checkTag(tag: string): string | undefined {
  if (tag === "") return "Give the tag a name";
  if (Array.from(tag).length > 64) return "It has more than 64 characters";
  if (/[,"]/.test(tag)) return "It must not contain a comma or quotation marks";
  return isPrintable(tag) ? undefined : "It must not contain control or invisible characters";
}

/** checkVMFolder is core/vm/label.CleanFolder; "" and "/" are none. */
export function checkVMFolder(folder: string): string | undefined {
  if (Array.from(folder).length > 255) return "It has more than 255 characters";
  if (folder.split("/").some((p) => p.trim() === "." || p.trim() === "..")) return "It must not contain '.' or '..'";
  if (/["\\]/.test(folder)) return "It must not contain quotation marks or '\\'";
  return isPrintable(folder) ? undefined : "It must not contain control or invisible characters";
}

/** checkFieldName is the rule for the name of a column of one's own. */
export function checkFieldName(name: string): string | undefined {
  if (name === "") return "Give the field a name";
  if (Array.from(name).length > 64) return "It has more than 64 characters";
  if (/[=:"]/.test(name)) return "It must not contain = : or quotation marks";
  return isPrintable(name) ? undefined : "It must not contain control or invisible characters";
}

/** webLink is an address that may be opened outside; undefined for what is none. */
export function webLink(text: string): string | undefined {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}
