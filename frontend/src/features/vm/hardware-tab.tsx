import { HardDrive, Network } from "lucide-react";
import type { ReactNode } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { CopyButton } from "@/ui/copy-button";
import { cx } from "@/ui/cx";
import { Alert, EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { PropertyList, Section } from "@/ui/property-list";
import { fileName, machineFacts } from "./facts";
import { SettingsForm } from "./settings-form";
import type { Found } from "./use-vm";

/** HardwareTab is what a VM consists of, and the settings that can be changed. */
export function HardwareTab({ vm, found }: { vm: VM; found: Found }) {
  return (
    <div className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,360px)_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-3">
        <Section title="Settings">
          <SettingsForm vm={vm} found={found} />
        </Section>
        <Section title="Machine">
          <Detailed found={found}>
            <PropertyList label="Machine" items={machineFacts(vm)} />
          </Detailed>
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        {vm.pending && <Alert title="Some settings act at the next boot">The running VM differs from what is saved: see both under XML.</Alert>}
        <Section title={found.detailed ? plural(vm.disks.length, "disk") : "Disks"} flush>
          <Detailed found={found}>
            <Disks vm={vm} />
          </Detailed>
        </Section>
        <Section title={found.detailed ? plural(vm.nics.length, "network card") : "Network cards"} flush>
          <Detailed found={found}>
            <NICs vm={vm} />
          </Detailed>
        </Section>
        <Section title={found.detailed ? plural(vm.devices.length, "other device") : "Other devices"} flush>
          <Detailed found={found}>
            <Devices vm={vm} />
          </Detailed>
        </Section>
      </div>
    </div>
  );
}

/** Detailed shows what only the host tells, or why it does not. */
function Detailed({ found, children }: { found: Found; children: ReactNode }) {
  if (found.detailed) return children;
  if (found.away) return <p className="px-3 py-2 text-table text-fg-muted">{found.away}</p>;
  if (found.problem) return <ErrorState compact error={found.problem} onRetry={found.retry} />;
  return <Skeleton className="m-3 h-24" />;
}

function Disks({ vm }: { vm: VM }) {
  if (vm.disks.length === 0) return <EmptyState icon={HardDrive} title="It has no disks" />;
  return (
    <Lines head={["Name", "Kind", "Bus", "Format", "Source"]} label={`Disks of ${vm.name}`}>
      {vm.disks.map((d) => (
        <tr key={d.target}>
          <Cell mono>{d.target}</Cell>
          <Cell>{d.device}{d.readonly && <> <Badge>read-only</Badge></>}</Cell>
          <Cell>{d.bus}</Cell>
          <Cell>{d.format}</Cell>
          <Cell wide copy={d.source} title={d.source}>{d.source ? <><span className="text-fg-muted">{d.source.slice(0, -fileName(d.source).length)}</span>{fileName(d.source)}</> : <span className="text-fg-muted">empty</span>}</Cell>
        </tr>
      ))}
    </Lines>
  );
}

function NICs({ vm }: { vm: VM }) {
  if (vm.nics.length === 0) return <EmptyState icon={Network} title="It has no network cards" />;
  return (
    <Lines head={["MAC address", "Model", "Kind", "Plugged into", "Addresses"]} label={`Network cards of ${vm.name}`}>
      {vm.nics.map((n) => (
        <tr key={n.mac}>
          <Cell mono copy={n.mac}>{n.mac}</Cell>
          <Cell>{n.model}</Cell>
          <Cell>{n.kind}</Cell>
          <Cell title={n.source}>{n.source}</Cell>
          <Cell wide mono>{vm.addresses.filter((a) => a.mac.toLowerCase() === n.mac.toLowerCase()).map((a) => a.ip).join(", ")}</Cell>
        </tr>
      ))}
    </Lines>
  );
}

function Devices({ vm }: { vm: VM }) {
  if (vm.devices.length === 0) return <p className="px-3 py-2 text-table text-fg-muted">None</p>;
  return (
    <Lines head={["Kind", "What it is"]} label={`Other devices of ${vm.name}`}>
      {vm.devices.map((d, i) => (
        <tr key={i}>
          <Cell>{d.kind}</Cell>
          <Cell wide title={d.text}>{d.text}</Cell>
        </tr>
      ))}
    </Lines>
  );
}

/** Lines is a short table that is read, not worked with. */
function Lines({ head, label, children }: { head: readonly string[]; label: string; children: ReactNode }) {
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full text-left text-table">
        <thead className="text-fg-muted">
          <tr>{head.map((h) => <th key={h} scope="col" className="h-7 px-3 font-normal whitespace-nowrap">{h}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Cell({ children, mono, wide, copy, title }: { children: ReactNode; mono?: boolean; wide?: boolean; copy?: string; title?: string }) {
  return (
    <td className={cx("group h-8 border-t border-line/60 px-3", wide ? "w-full max-w-0 min-w-40" : "whitespace-nowrap", mono && "font-mono")}>
      <span className="flex min-w-0 items-center gap-1">
        <span className={cx("name", !wide && "max-w-60")} title={title}>{children || <span className="text-fg-muted">–</span>}</span>
        {copy && <span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"><CopyButton text={copy} label={`Copy ${copy}`} /></span>}
      </span>
    </td>
  );
}
