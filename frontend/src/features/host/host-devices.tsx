import type { DiskHealth, Sensor } from "@/gen/limiquantix/v1/hardware_pb";
import { DiskHealth_Verdict as Verdict, Sensor_Kind as Kind } from "@/gen/limiquantix/v1/hardware_pb";
import type { GetHostHardwareResponse as Hardware } from "@/gen/limiquantix/v1/host_pb";
import { bytes } from "@/lib/format";
import { Section } from "@/ui/property-list";
import { StateBadge, type StateKind } from "@/ui/state";
import { FactTable } from "./fact-table";

/** Devices is what a host has on its PCI bus, what its disks say of themselves, and what it measures. */
export function Devices({ h }: { h: Hardware }) {
  const told = h.disks.filter((d) => d.health);
  return (
    <>
      {told.length > 0 && (
        <Section title="Health of disks" flush>
          <FactTable label="Health of disks" head={["Disk", "State", "Serial number", "Temperature", "In use for", "Written", "Bad sectors", "Life used"]} ends={[3, 4, 5, 6, 7]}>
            {told.map((d) => healthRow(d.name, d.health as DiskHealth))}
          </FactTable>
        </Section>
      )}
      <Section title="PCI devices" flush>
        <FactTable label="PCI devices" head={["Address", "Kind", "Name", "Driver", "IOMMU group", "NUMA node", "Virtual functions"]} ends={[4, 5, 6]}>
          {h.pci.map((d) => [
            <span key="a" className="font-mono">{d.address}</span>, d.kind, <bdi key="n">{d.name}</bdi>, d.driver || "none",
            d.iommuGroup < 0 ? "none" : d.iommuGroup, d.numaNode < 0 ? "" : d.numaNode,
            d.physical ? <span key="p">of <span className="font-mono">{d.physical}</span></span> : d.vfsMost > 0 ? `${d.vfs} of ${d.vfsMost}` : "",
          ])}
        </FactTable>
      </Section>
      <Section title="Sensors" flush>
        <FactTable label="Sensors" head={["Chip", "Name", "State", "Value", "Too high from"]} ends={[3, 4]}>
          {h.sensors.map((s) => [<bdi key="c">{s.chip}</bdi>, <bdi key="n">{s.name}</bdi>, <StateBadge key="s" {...sensorState(s)} />, figure(s, s.value), limit(s)])}
        </FactTable>
      </Section>
    </>
  );
}

function healthRow(name: string, d: DiskHealth) {
  const state: Record<Verdict, { state: StateKind; word: string }> = {
    [Verdict.GOOD]: { state: "running", word: "good" }, [Verdict.WARN]: { state: "warning", word: "has errors" }, [Verdict.FAIL]: { state: "failed", word: "expects to fail" },
    [Verdict.UNKNOWN]: { state: "unknown", word: d.problem || "not known" }, [Verdict.UNSPECIFIED]: { state: "unknown", word: "not known" },
  };
  return [
    <bdi key="n" className="font-medium">{name}</bdi>, <StateBadge key="s" {...state[d.verdict]} />, <span key="m" className="font-mono">{d.serial}</span>,
    d.temperature > 0 && `${d.temperature} °C`, d.powerOnHours > 0n && `${Math.round(Number(d.powerOnHours) / 24)} days`, d.writtenBytes > 0n && bytes(d.writtenBytes),
    d.badSectors >= 0n && String(d.badSectors), d.wearPercent >= 0 && `${d.wearPercent} %`,
  ];
}

const UNITS: Record<Kind, string> = { [Kind.UNSPECIFIED]: "", [Kind.TEMPERATURE]: "°C", [Kind.FAN]: "turns/min", [Kind.VOLTAGE]: "V", [Kind.CURRENT]: "A", [Kind.POWER]: "W" };

function figure(s: Sensor, value: number): string {
  const digits = s.kind === Kind.VOLTAGE || s.kind === Kind.CURRENT ? 2 : s.kind === Kind.FAN ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[s.kind]}`;
}

function limit(s: Sensor): string {
  const at = s.high > 0 ? s.high : s.critical;
  return at > 0 ? figure(s, at) : "";
}

function sensorState(s: Sensor): { state: StateKind; word: string } {
  if (s.alarm || (s.critical > 0 && s.value >= s.critical)) return { state: "failed", word: "alarm" };
  if (s.high > 0 && s.value >= s.high) return { state: "warning", word: "high" };
  return { state: "running", word: "normal" };
}
