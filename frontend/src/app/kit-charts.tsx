import { useEffect, useState } from "react";

import { Chart } from "@/ui/chart";
import { CodeEditor, DiffEditor } from "@/ui/code-editor";
import { Section } from "@/ui/property-list";

const xml = `<domain type="kvm">
  <name>web1</name>
  <memory unit="KiB">4194304</memory>
  <vcpu placement="static">2</vcpu>
  <!-- kept byte for byte -->
  <os>
    <type arch="x86_64" machine="pc-q35-7.2">hvm</type>
    <boot dev="hd"/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <on_crash>destroy</on_crash>
</domain>
`;
const yaml = `#cloud-config
hostname: web1
users:
  - name: admin
    sudo: ALL=(ALL) NOPASSWD:ALL
packages: [nginx, "qemu-guest-agent"]
  wrong: here
`;

const start = Math.floor(Date.now() / 1000) - 1800;

function samples(n: number) {
  const times: number[] = [];
  const cpu: number[] = [];
  const reads: number[] = [];
  const writes: (number | null)[] = [];
  for (let i = 0; i < n; i++) {
    if (i > 150 && i < 190) continue; // the host was not reachable
    times.push(start + i * 5);
    cpu.push(35 + 25 * Math.sin(i / 25) + 8 * Math.sin(i / 3));
    reads.push(4e6 + 3.5e6 * Math.sin(i / 40) + (i % 60 === 0 ? 2e7 : 0));
    writes.push(i > 250 && i < 270 ? null : 2e6 + 1e6 * Math.cos(i / 18));
  }
  return { times, cpu, reads, writes };
}

/** Charts that share a cursor, and the editors. */
export function KitCharts() {
  const [n, setN] = useState(300);
  const [text, setText] = useState(xml.replace(">2<", ">4<").replace("    <apic/>\n", "    <apic/>\n    <smm state=\"on\"/>\n"));
  const [config, setConfig] = useState(yaml);
  useEffect(() => {
    const timer = setInterval(() => setN((x) => x + 1), 5000);
    return () => clearInterval(timer);
  }, []);
  const s = samples(n);
  return (
    <div className="grid items-start gap-3 p-3 xl:grid-cols-2">
      <Section title="Charts">
        <div className="grid grid-cols-2 gap-4">
          <Chart title="CPU" times={s.times} series={[{ label: "web1", values: s.cpu }]} unit="percent" max={100} sync="kit" filled />
          <Chart title="Disk" times={s.times} series={[{ label: "Read", values: s.reads }, { label: "Written", values: s.writes }]} unit="rate" sync="kit" />
          <Chart title="Memory" times={s.times} series={[{ label: "Used", values: s.cpu.map((c) => (c + 20) * 4e7) }]} unit="bytes" max={4 * 2 ** 30} sync="kit" filled />
          <Chart title="Nothing yet" times={[]} series={[{ label: "web1", values: [] }]} unit="count" />
        </div>
      </Section>
      <Section title="YAML with a mark">
        <CodeEditor label="cloud-init of web1" language="yaml" value={config} onChange={setConfig} height="180px" marks={[{ line: 7, message: "did not find expected key" }]} />
      </Section>
      <Section title="XML, to be edited">
        <CodeEditor label="XML of web1" language="xml" value={text} onChange={setText} height="280px" />
      </Section>
      <Section title="What would change">
        <DiffEditor label="Changes of web1" language="xml" before={xml} after={text} height="280px" />
      </Section>
    </div>
  );
}
