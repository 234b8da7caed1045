import { useMemo } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { Chart } from "@/ui/chart";
import { ErrorState } from "@/ui/feedback";
import { Section } from "@/ui/property-list";
import { useHistory } from "./use-history";

/** VMCharts is how busy a VM is, over the last hour; one cursor for all of them. */
export function VMCharts({ vm }: { vm: VM }) {
  const { series: s, problem } = useHistory(vm);
  const cpu = useMemo(() => [{ label: "CPU", values: s.cpu }], [s]);
  const memory = useMemo(() => [{ label: "Used", values: s.memoryUsed }, { label: "Has", values: s.memory }], [s]);
  const disk = useMemo(() => [{ label: "Read", values: s.read }, { label: "Written", values: s.written }], [s]);
  const net = useMemo(() => [{ label: "Received", values: s.received }, { label: "Sent", values: s.sent }], [s]);
  const sync = `vm ${vm.host}/${vm.uuid}`;
  const off = vm.state === VM_State.STOPPED || vm.state === VM_State.CRASHED;
  if (s.times.length === 0 && (off || vm.stale))
    return (
      <Section title="Activity">
        <p className="py-1 text-table text-fg-muted">{off ? "Charts of its CPU, memory, disks and network begin when it runs." : "Nothing is known of the last hour. Charts go on when its host answers."}</p>
      </Section>
    );
  const charts = [
    <Chart key="cpu" title={`CPU, of ${vm.vcpus === 1 ? "its vCPU" : `its ${vm.vcpus} vCPUs`}`} times={s.times} series={cpu} unit="percent" sync={sync} max={100} filled />,
    <Chart key="memory" title="Memory" times={s.times} series={memory} unit="bytes" sync={sync} />,
    <Chart key="disk" title="Disks" times={s.times} series={disk} unit="rate" sync={sync} />,
    <Chart key="net" title="Network" times={s.times} series={net} unit="rate" sync={sync} />,
  ];
  return (
    <Section title={off && s.times.length > 0 ? "Activity before it stopped" : "Activity"} flush>
      {problem && problem.code !== "not_found" && <ErrorState compact error={problem} />}
      <div className="grid gap-x-8 gap-y-5 px-3 py-2 lg:grid-cols-2">{charts}</div>
    </Section>
  );
}
