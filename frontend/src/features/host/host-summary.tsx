import { useMemo } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_Connect } from "@/gen/limiquantix/v1/host_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { bytes, percent } from "@/lib/format";
import { vmHref } from "@/lib/links";
import { useAnyStats, useHostStats } from "@/lib/stats";
import { vmRef } from "@/lib/vm-actions";
import { unreachable } from "@/lib/vm-state";
import { Chart } from "@/ui/chart";
import { cx } from "@/ui/cx";
import { MeterBar } from "@/ui/progress";
import { PropertyList, Section } from "@/ui/property-list";
import { Sparkline } from "@/ui/sparkline";
import { CPUTopology } from "./cpu-topology";
import { useHostHistory } from "./use-history";

/** HostSummary is what a host is and how busy it is. */
export function HostSummary({ host, vms }: { host: Host; vms: readonly VM[] }) {
  const f = host.facts;
  const away = unreachable(host) !== undefined;
  return (
    // Dimmed by colour: by opacity it would fall below the contrast that text needs.
    <div className={cx("flex flex-col gap-3 p-4", away && "[&_dd]:text-fg-muted")}>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Section title="About">
          <PropertyList
            label="About"
            items={[
              { label: "Address", value: host.address, mono: true, copy: host.address },
              { label: "Jump hosts", value: host.jumps.join(", "), mono: true },
              ...host.inherited.map((i) => ({ label: `${i.field}, from ${i.group}`, value: i.values.join(", ") })),
              { label: "Site", value: host.site },
              { label: "Connect", value: host.connect === Host_Connect.DEMAND ? "on demand" : "always" },
              { label: "Hostname", value: f?.hostname },
              { label: "Cluster", value: host.cluster },
              { label: "libvirt", value: f && `${f.libvirtVersion} (${host.uri})` },
              { label: "QEMU", value: f?.qemuVersion },
              { label: "Virtualisation", value: f && (f.kvm ? "KVM" : <span className="text-warning">Emulated, about twenty times slower</span>) },
              { label: "UEFI guests", value: f && (f.uefi ? "possible" : "no firmware for them") },
            ]}
          />
        </Section>
        <div className="flex flex-col gap-3">
          <Section title="Processors">
            <div className="flex flex-col gap-2">
              <PropertyList label="Processors" items={[{ label: "Model", value: f?.cpuModel }, { label: "Architecture", value: f?.arch }]} />
              {f && <CPUTopology facts={f} />}
            </div>
          </Section>
          <MemorySection host={host} vms={vms} />
        </div>
      </div>
      <Charts host={host} />
      {!away && <TopVMs host={host} vms={vms} />}
    </div>
  );
}

/** States in which a VM has its memory. */
const USING = [VM_State.RUNNING, VM_State.PAUSED, VM_State.SHUTTING_DOWN];

function MemorySection({ host, vms }: { host: Host; vms: readonly VM[] }) {
  const now = useHostStats(host.name);
  const total = host.facts?.memoryBytes ?? 0n;
  const given = vms.filter((v) => USING.includes(v.state)).reduce((sum, v) => sum + v.memoryBytes, 0n);
  return (
    <Section title="Memory">
      <div className="flex flex-col gap-2.5">
        {now && now.memoryBytes > 0n && !unreachable(host) ? (
          <MeterBar label="Used" used={Number(now.memoryUsedBytes)} total={Number(now.memoryBytes)} />
        ) : (
          <PropertyList label="Memory" items={[{ label: "Total", value: total > 0n ? bytes(total) : undefined }]} />
        )}
        {total > 0n && <MeterBar label="Given to running VMs" used={Number(given)} total={Number(total)} warnAt={1} fullAt={1.5} />}
      </div>
    </Section>
  );
}

const TOP = 5;

/** TopVMs are the VMs that take most of the host's CPUs now. */
function TopVMs({ host, vms }: { host: Host; vms: readonly VM[] }) {
  const stats = useAnyStats();
  const cpus = host.facts?.cpus || 1;
  const top = vms
    .flatMap((v) => {
      const s = stats.vm(vmRef(v));
      return s && s.cpuPercent > 0 ? [{ v, part: (s.cpuPercent * v.vcpus) / cpus }] : [];
    })
    .sort((a, b) => b.part - a.part)
    .slice(0, TOP);
  return (
    <Section title="Busiest VMs">
      {top.length === 0 ? (
        <p className="text-fg-muted">No VM takes CPU now.</p>
      ) : (
        <ol className="flex flex-col">
          {top.map(({ v, part }) => (
            <li key={v.uuid} className="flex h-7 items-center gap-3 text-table">
              <a className="name flex-1 hover:underline" href={vmHref(v)}>{v.name}</a>
              <Sparkline values={stats.vmTrail(vmRef(v))} max={100} width={96} />
              <span className="w-32 text-right text-fg-secondary">{percent(part)} of the host</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function Charts({ host }: { host: Host }) {
  const { series: s } = useHostHistory(host.name);
  const cpu = useMemo(() => [{ label: "CPU", values: s.cpu }], [s]);
  const memory = useMemo(() => [{ label: "Used", values: s.used }, { label: "Total", values: s.memory }], [s]);
  const sync = `host ${host.id}`;
  return (
    <Section title="Activity" flush>
      <div className="grid gap-x-8 gap-y-5 px-3 py-2 lg:grid-cols-2">
        <Chart title="CPU, of all its processors" times={s.times} series={cpu} unit="percent" sync={sync} max={100} filled />
        <Chart title="Memory" times={s.times} series={memory} unit="bytes" sync={sync} />
      </div>
    </Section>
  );
}
