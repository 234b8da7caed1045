import type { View } from "@/gen/limiquantix/v1/search_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "@/lib/format";
import { above, foldersOf, tagsOf } from "@/lib/labels";
import { quoted } from "@/lib/query-text";
import { vmState } from "@/lib/vm-state";
import type { Row } from "./tree-model";

/** What the tree is ordered by. */
export type Order = "hosts" | "folders" | "tags" | "views";

/** Shown tells which VMs a filter leaves; undefined: there is none. */
export type Shown = ((v: VM) => boolean) | undefined;

function group(kind: "folder" | "tag" | "none", name: string, label: string, depth: number, count: number, open: boolean, query: string): Row {
  return { id: `${kind}:${name}`, kind: kind === "none" ? "folder" : kind, label, depth, state: "running", word: plural(count, "VM"), stale: false, open, count, query };
}

function vmRow(v: VM, depth: number, under: string): Row {
  const s = vmState(v);
  // A VM with two tags stands there twice: only one of its lines may be the one that is looked at.
  return { id: under === "" ? `vm:${v.host}/${v.uuid}` : `${under}/vm:${v.host}/${v.uuid}`, kind: "vm", label: v.name, depth, state: s.kind, word: s.word, stale: v.stale, vm: v };
}

const collator = new Intl.Collator(undefined, { numeric: true }); // many times quicker than localeCompare
const byName = (a: VM, b: VM) => collator.compare(a.name, b.name);

/** folderRows is the visible lines of VMs by folder: those in none come last. With a filter, everything that is left is shown. */
export function folderRows(vms: readonly VM[], open: ReadonlySet<string>, shown: Shown): Row[] {
  const left = [...(shown ? vms.filter(shown) : vms)].sort(byName);
  const folders = foldersOf(left).sort((a, b) => (inOrder(a.name) < inOrder(b.name) ? -1 : 1));
  const within = new Map<string, VM[]>();
  for (const v of left) {
    const list = within.get(v.folder);
    if (list) list.push(v);
    else within.set(v.folder, [v]);
  }
  const isOpen = (id: string) => shown !== undefined || open.has(id);
  const rows: Row[] = [];
  for (const f of folders) {
    const up = above(f.name);
    if (!up.slice(0, -1).every((p) => isOpen(`folder:${p}`))) continue;
    const depth = up.length - 1;
    const label = f.name.slice(f.name.lastIndexOf("/") + 1);
    const row = group("folder", f.name, label, depth, f.vms, isOpen(`folder:${f.name}`), `folder:${quoted(f.name)}`);
    rows.push(row);
    // Its VMs come right after it, its folders after them.
    rows.push(...(row.open ? (within.get(f.name) ?? []).map((v) => vmRow(v, depth + 1, "")) : []));
  }
  const rest = within.get("") ?? [];
  if (rest.length === 0) return rows;
  const row = group("none", "folder", "Without a folder", 0, rest.length, isOpen("none:folder"), 'folder:""');
  return [...rows, row, ...(row.open ? rest.map((v) => vmRow(v, 1, "")) : [])];
}

/** inOrder has a folder stand before what is in it, and "a b" after "a/c". */
function inOrder(folder: string): string {
  return folder.toLowerCase().replaceAll("/", "\u0001");
}

/** tagRows is the visible lines of VMs by tag; those without come last. */
export function tagRows(vms: readonly VM[], open: ReadonlySet<string>, shown: Shown): Row[] {
  const left = [...(shown ? vms.filter(shown) : vms)].sort(byName);
  const isOpen = (id: string) => shown !== undefined || open.has(id);
  const rows = tagsOf(left).flatMap((t) => {
    const row = group("tag", t.name, t.name, 0, t.vms, isOpen(`tag:${t.name}`), `tag:${quoted(t.name)}`);
    return [row, ...(row.open ? left.filter((v) => v.tags.includes(t.name)).map((v) => vmRow(v, 1, row.id)) : [])];
  });
  const rest = left.filter((v) => v.tags.length === 0);
  if (rest.length === 0) return rows;
  const row = group("none", "tag", "Without a tag", 0, rest.length, isOpen("none:tag"), "-has:tag");
  return [...rows, row, ...(row.open ? rest.map((v) => vmRow(v, 1, row.id)) : [])];
}

/** viewRows is the saved views. */
export function viewRows(views: readonly View[], filter: string): Row[] {
  const want = filter.trim().toLowerCase();
  return views
    .filter((v) => v.name.toLowerCase().includes(want))
    .map((v) => ({ id: `view:${v.name}`, kind: "view", label: v.name, depth: 0, state: "running", word: v.query, stale: false, query: v.query }));
}
