import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { hostState, vmState } from "@/lib/vm-state";
import type { Kind } from "@/lib/vm-state";
import { compareWords } from "@/ui/table-order";

/** Row is one line of the inventory tree. */
export interface Row {
  /** "cluster:a", "host:kvm1", "vm:kvm1/UUID", "folder:/a", "tag:web", "view:Big ones". */
  id: string;
  kind: "cluster" | "host" | "vm" | "folder" | "tag" | "view";
  label: string;
  /** 0 is the outermost. */
  depth: number;
  state: Kind;
  word: string;
  /** Its data is not live. */
  stale: boolean;
  /** Rows below it when it is open; undefined for a VM. */
  open?: boolean;
  /** VMs below it. */
  count?: number;
  host?: Host;
  vm?: VM;
  /** Of a folder, a tag, a view: the query that finds what is in it. */
  query?: string;
}

/**
 * treeRows returns the visible lines: clusters (when there are any) with their
 * hosts, hosts with their VMs. With a filter, what matches is shown with
 * everything above it, whatever is open: what the server found ("host/uuid",
 * "/host"), or by name as long as it has not answered.
 */
export function treeRows(hosts: readonly Host[], vms: readonly VM[], closed: ReadonlySet<string>, open: ReadonlySet<string>, filter: string, found?: ReadonlySet<string>): Row[] {
  const want = filter.trim().toLowerCase();
  const matches: Matches = (text, key) => want === "" || (found && key !== undefined ? found.has(key) : text.toLowerCase().includes(want));
  const ofHost = new Map<string, VM[]>();
  for (const v of vms) {
    const list = ofHost.get(v.host);
    if (list) list.push(v);
    else ofHost.set(v.host, [v]);
  }
  const rows: Row[] = [];
  const clusters = [...new Set(hosts.map((h) => h.cluster))].sort((a, b) => (a === "" ? 1 : b === "" ? -1 : compareWords(a, b)));
  const nested = clusters.some((c) => c !== "");
  for (const cluster of clusters) {
    const members = hosts.filter((h) => h.cluster === cluster);
    const inner = members.flatMap((h) => hostRows(h, ofHost.get(h.name) ?? EMPTY, nested && cluster !== "" ? 1 : 0, open, matches, want !== ""));
    if (nested && cluster !== "") {
      if (inner.length === 0 && !matches(cluster)) continue;
      const id = `cluster:${cluster}`;
      const isOpen = want !== "" || !closed.has(id);
      rows.push({ id, kind: "cluster", label: cluster, depth: 0, ...worst(members), stale: false, open: isOpen, count: members.reduce((n, h) => n + h.vms, 0) });
      if (!isOpen) continue;
    }
    rows.push(...inner);
  }
  return rows;
}

type Matches = (text: string, key?: string) => boolean;

const EMPTY: VM[] = [];

function hostRows(h: Host, vms: VM[], depth: number, open: ReadonlySet<string>, matches: Matches, filtered: boolean): Row[] {
  const self = matches(h.name, `/${h.name}`);
  const shown = filtered && !self ? vms.filter((v) => matches(v.name, `${v.host}/${v.uuid}`)) : vms;
  if (filtered && !self && shown.length === 0) return [];
  const id = `host:${h.name}`;
  const isOpen = open.has(id) || (filtered && !self);
  const { kind, word } = hostState(h);
  const rows: Row[] = [{ id, kind: "host", label: h.name, depth, state: kind, word, stale: false, open: isOpen, count: vms.length, host: h }];
  if (isOpen)
    for (const v of shown) {
      const s = vmState(v);
      rows.push({ id: `vm:${v.host}/${v.uuid}`, kind: "vm", label: v.name, depth: depth + 1, state: s.kind, word: s.word, stale: v.stale, host: h, vm: v });
    }
  return rows;
}

/** worst is what a cluster's shape tells: the state of its host that needs most attention. */
function worst(hosts: readonly Host[]): { state: Kind; word: string } {
  const order: Kind[] = ["failed", "warning", "transient", "unknown", "stopped", "running"];
  const states = hosts.map(hostState);
  for (const kind of order) {
    const found = states.filter((s) => s.kind === kind);
    if (found[0] && kind !== "running") return { state: kind, word: `${found.length} of ${hosts.length} hosts ${found[0].word}` };
  }
  return { state: "running", word: "live" };
}
