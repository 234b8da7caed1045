import type { VM } from "@/gen/limiquantix/v1/vm_pb";

/** Saved is what a VM is saved with: what it has after its next boot. */
export interface Saved {
  vcpus: number;
  memoryBytes: bigint;
}

// Source: libvirt, "Domain XML format", memory: units; KiB is the default.
const UNITS: Record<string, bigint> = {
  b: 1n, bytes: 1n, KB: 1000n, k: 1n << 10n, KiB: 1n << 10n, MB: 1_000_000n, M: 1n << 20n, MiB: 1n << 20n,
  GB: 1_000_000_000n, G: 1n << 30n, GiB: 1n << 30n, TB: 1_000_000_000_000n, T: 1n << 40n, TiB: 1n << 40n,
};

/** savedOf reads the saved XML; what it does not tell is as the VM is now. */
export function savedOf(xml: string, vm: VM): Saved {
  const domain = new DOMParser().parseFromString(xml, "application/xml").documentElement;
  const child = (name: string) => [...domain.children].find((c) => c.localName === name);
  const vcpu = child("vcpu");
  const vcpus = Number(vcpu?.getAttribute("current") ?? vcpu?.textContent?.trim());
  return {
    vcpus: Number.isSafeInteger(vcpus) && vcpus > 0 ? vcpus : vm.vcpus,
    memoryBytes: size(child("currentMemory")) ?? size(child("memory")) ?? vm.memoryBytes,
  };
}

function size(e: Element | undefined): bigint | undefined {
  const text = e?.textContent?.trim() ?? "";
  const unit = UNITS[e?.getAttribute("unit") ?? "KiB"];
  return unit !== undefined && /^\d{1,15}$/.test(text) ? BigInt(text) * unit : undefined;
}
