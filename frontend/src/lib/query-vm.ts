import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import type { Language, Query } from "./query";
import { parseQuery } from "./query";
import { quoted } from "./query-parse";
import { vmState } from "./vm-state";

/** VMRow is what a query asks about: a VM and what its host adds. */
export interface VMRow {
  /** "host/uuid", as vmKey. */
  key: string;
  vm: VM;
  /** Of its host; "" when it has none. */
  cluster: string;
}

const STATES = [VM_State.RUNNING, VM_State.PAUSED, VM_State.STOPPED, VM_State.SHUTTING_DOWN, VM_State.CRASHED, VM_State.SUSPENDED, VM_State.UNSPECIFIED];

/** vmLanguage is what can be asked about VMs, of what lists of them tell: no disks and no cards. The list and the wall ask the same. */
export const vmLanguage: Language<VMRow> = {
  fields: [
    { name: "state", hint: "running, paused, stopped …", kind: "choice", values: STATES.map((state) => vmState({ state }).word), of: (r) => vmState(r.vm).word },
    { name: "host", hint: "name of its host, kvm*", kind: "whole", of: (r) => [r.vm.host] },
    { name: "cluster", hint: "cluster of its host", kind: "whole", of: (r) => [r.cluster] },
    { name: "name", hint: "part of its name", kind: "part", of: (r) => [r.vm.name] },
    { name: "title", hint: "part of its title", kind: "part", of: (r) => [r.vm.title] },
    { name: "cpu", hint: "number of vCPUs, cpu>2", kind: "number", of: (r) => r.vm.vcpus },
    { name: "mem", hint: "memory, mem>4G", kind: "size", of: (r) => Number(r.vm.memoryBytes) },
    { name: "ip", hint: "address or network, 10.0.0.0/8", kind: "ip", of: (r) => r.vm.addresses.map((a) => a.ip) },
    { name: "mac", hint: "part of the MAC address behind an IP", kind: "part", of: (r) => r.vm.addresses.map((a) => a.mac) },
    { name: "autostart", hint: "yes: starts with its host", kind: "flag", of: (r) => r.vm.autostart },
    { name: "persistent", hint: "no: gone once it stops", kind: "flag", of: (r) => r.vm.persistent },
    { name: "stale", hint: "yes: its host is not connected", kind: "flag", of: (r) => r.vm.stale },
    { name: "uuid", hint: "its UUID, 6f1c*", kind: "whole", of: (r) => [r.vm.uuid] },
    { name: "id", hint: "host/uuid", kind: "whole", of: (r) => [r.key] },
  ],
  words: (r) => [r.vm.name, r.vm.title, r.vm.host, r.cluster, r.vm.uuid, ...r.vm.addresses.flatMap((a) => [a.ip, a.mac])],
};

/** vmQuery understands a query about VMs. */
export function vmQuery(text: string): Query<VMRow> {
  return parseQuery(text, vmLanguage);
}

/** queryOfVMs is the query that exactly these VMs match. */
export function queryOfVMs(keys: readonly string[]): string {
  return keys.length === 0 ? "" : `id:${keys.map(quoted).join(",")}`;
}
