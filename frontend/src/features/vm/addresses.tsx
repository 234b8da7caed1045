import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { CopyButton } from "@/ui/copy-button";

const sources: Record<string, string> = { agent: "from the guest agent", lease: "from a DHCP lease", arp: "seen on the network" };

/** Addresses of a VM, best first, each with a copy button. */
export function Addresses({ vm }: { vm: VM }) {
  if (vm.addresses.length === 0)
    return <span className="text-fg-muted">{vm.state === VM_State.RUNNING ? "none known yet" : "none while it is off"}</span>;
  return (
    <ul aria-label={`Addresses of ${vm.name}`} className="-my-1 flex flex-col">
      {vm.addresses.map((a) => (
        <li key={`${a.ip} ${a.mac}`} className="flex min-h-6 items-center gap-2">
          <span className="name font-mono text-table">{a.ip}</span>
          <span className="min-w-0 flex-1 truncate text-caption text-fg-muted" title={a.mac}>{sources[a.source] ?? a.source}</span>
          <CopyButton text={a.ip} label={`Copy ${a.ip}`} />
        </li>
      ))}
    </ul>
  );
}
