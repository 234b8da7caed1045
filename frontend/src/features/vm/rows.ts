import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { vmKey } from "@/lib/inventory";
import type { VMRow } from "@/lib/query-vm";

/** Rows makes rows of VMs. A VM that did not change keeps its row: only what changed is rendered again. */
export class Rows {
  private last: { vms: readonly VM[]; hosts: readonly Host[]; rows: VMRow[] } | undefined;

  of(vms: readonly VM[], hosts: readonly Host[]): VMRow[] {
    if (this.last?.vms === vms && this.last.hosts === hosts) return this.last.rows;
    const clusters = new Map(hosts.map((h) => [h.name, h.cluster]));
    const known = new Map(this.last?.rows.map((r) => [r.key, r])); // the first list is shown without
    const rows = vms.map((vm) => {
      const key = vmKey(vm);
      const cluster = clusters.get(vm.host) ?? "";
      const old = known.get(key);
      return old && old.cluster === cluster && (old.vm === vm || same(old.vm, vm)) ? old : { key, vm, cluster };
    });
    // The same rows in the same order: the table has nothing to do.
    const kept = this.last && this.last.rows.length === rows.length && rows.every((r, i) => r === this.last?.rows[i]) ? this.last.rows : rows;
    this.last = { vms, hosts, rows: kept };
    return kept;
  }
}

/** same tells whether two readings of a live VM differ in nothing that a row shows; only the time moved. */
function same(a: VM, b: VM): boolean {
  return (
    a.state === b.state && a.name === b.name && a.title === b.title && a.vcpus === b.vcpus && a.memoryBytes === b.memoryBytes &&
    a.stale === b.stale && (!a.stale || a.seen?.seconds === b.seen?.seconds) && a.autostart === b.autostart && a.persistent === b.persistent &&
    sameList(a.addresses, b.addresses, (x, y) => x.ip === y.ip && x.mac === y.mac) && a.folder === b.folder &&
    sameList(a.tags, b.tags, (x, y) => x === y) && sameList(Object.entries(a.fields), Object.entries(b.fields), (x, y) => x[0] === y[0] && x[1] === y[1])
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => equal(x, b[i] as T));
}
