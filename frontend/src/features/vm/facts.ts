import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { bytes, plural } from "@/lib/format";
import type { Property } from "@/ui/property-list";

/** factsOf is what a VM is, a label and a value each. Until its host has told all (detailed), that part is left open. */
export function factsOf(vm: VM, detailed: boolean): Property[] {
  const later = (value: string) => (detailed ? value : undefined);
  return [
    { label: "vCPUs", value: plural(vm.vcpus, "vCPU") },
    { label: "Memory", value: bytes(vm.memoryBytes) },
    { label: "Operating system", value: vm.os },
    { label: "Guest agent", value: later(vm.agent ? "connected" : "not connected") },
    { label: "Hypervisor", value: later(hypervisor(vm)) },
    { label: "Machine", value: vm.machine, mono: true },
    { label: "CPU", value: vm.cpuModel },
    { label: "Firmware", value: later(vm.uefi ? "UEFI" : "BIOS") },
    { label: "Disks", value: later(disksText(vm)) },
    { label: "Network", value: later(nicsText(vm)) },
    { label: "Consoles", value: later([vm.graphics && vm.graphics.toUpperCase(), vm.serial && "serial"].filter(Boolean).join(", ") || "none") },
    { label: "Autostart", value: vm.autostart ? "starts with its host" : "off" },
    { label: "UUID", value: vm.uuid, mono: true, copy: vm.uuid },
  ];
}

function hypervisor(vm: VM): string {
  const kind = vm.hypervisor === "kvm" ? "KVM" : vm.hypervisor === "qemu" ? "QEMU, emulated" : vm.hypervisor;
  return [kind, vm.arch].filter(Boolean).join(", ");
}

/** disksText is "vda: web1.qcow2, sda: empty". */
export function disksText(vm: VM): string {
  return vm.disks.map((d) => `${d.target}: ${fileName(d.source) || "empty"}`).join(", ") || "none";
}

/** nicsText is "default (virtio)". */
export function nicsText(vm: VM): string {
  return vm.nics.map((n) => [n.source || n.kind, n.model && `(${n.model})`].filter(Boolean).join(" ")).join(", ") || "none";
}

/** fileName is the last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** machineFacts is the machine that a guest sees; all of it comes from the host. */
export function machineFacts(vm: VM): Property[] {
  return [
    { label: "Hypervisor", value: hypervisor(vm) },
    { label: "Machine", value: vm.machine, mono: true },
    { label: "Firmware", value: vm.uefi ? "UEFI" : "BIOS" },
    { label: "CPU", value: vm.cpuModel },
    { label: "Screen", value: vm.graphics ? vm.graphics.toUpperCase() : "none" },
    { label: "Serial console", value: vm.serial ? "yes" : "none" },
    { label: "Guest agent", value: vm.agent ? "connected" : "not connected" },
    { label: "Persistent", value: vm.persistent ? "yes" : "no: gone once it stops" },
  ];
}
