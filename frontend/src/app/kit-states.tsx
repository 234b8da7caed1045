import { HardDrive, Monitor } from "lucide-react";

import { Age } from "@/ui/age";
import { Badge, Tag } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Alert, EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { MeterBar, Progress } from "@/ui/progress";
import { PropertyList, Section } from "@/ui/property-list";
import { StateBadge, StateShape, type StateKind } from "@/ui/state";
import { Tabs } from "@/ui/tabs";
import { Toast } from "@/ui/toaster";

const states: [StateKind, string][] = [
  ["running", "running"],
  ["paused", "paused"],
  ["stopped", "stopped"],
  ["transient", "shutting down"],
  ["warning", "not reachable"],
  ["failed", "crashed"],
  ["unknown", "unknown"],
];
const started = Date.now();
const nothing = () => undefined;

/** What things look like that run, fail, fill up, load, or are not there. */
export function KitStates() {
  return (
    <div className="grid items-start gap-3 p-3 xl:grid-cols-2">
      <Section title="States and ages">
        <div className="grid grid-cols-2 gap-x-6">
          <div className="flex flex-col gap-1">
            {states.map(([k, w]) => (
              <StateBadge key={k} state={k} word={w} />
            ))}
          </div>
          <div className="flex flex-col items-start gap-1">
            <span className="flex gap-2">
              <StateBadge state="running" stale /> <Age at={new Date(started - 240_000)} stale />
            </span>
            <span className="flex gap-1.5">
              {states.map(([k, w]) => (
                <StateShape key={k} state={k} label={w} />
              ))}
            </span>
            <Age at={new Date(started - 4000)} />
            <Age at={new Date(started - 86_400_000 * 3)} />
            <span className="flex flex-wrap gap-1">
              <Badge>template</Badge> <Badge tone="info">next boot</Badge> <Badge tone="good">new</Badge> <Badge tone="warning">2 pending</Badge> <Badge tone="failed">3</Badge>
            </span>
            <span className="flex gap-1">
              <Tag name="production" /> <Tag name="team/web" onRemove={nothing} />
            </span>
          </div>
        </div>
      </Section>
      <Section title="Amounts">
        <div className="flex flex-col gap-3">
          <Progress label="Upload" amount={{ done: 1.3e9, total: 4.2e9, perSecond: 1.1e8 }} />
          <Progress label="Looking" amount={{ done: 12, total: 0, unit: "count" }} />
          <Progress label="Failed" failed amount={{ done: 3e9, total: 4.2e9 }} />
          <div className="grid grid-cols-3 gap-4">
            <MeterBar label="Memory" used={40e9} total={128e9} />
            <MeterBar label="Pool default" used={870e9} total={1e12} />
            <MeterBar label="Pool ssd" used={0.98e12} total={1e12} />
          </div>
          <span className="flex w-40">
            <MeterBar compact label="CPU" unit="percent" used={63} total={100} />
          </span>
        </div>
      </Section>
      <Messages />
      <Section title="Object page" flush>
        <PageHeader
          icon={Monitor}
          name="web1"
          state={{ kind: "running", word: "running" }}
          path={[{ label: "Hosts", href: "#/hosts" }, { label: "kvm1", href: "#/hosts/kvm1" }]}
          primary={<Button variant="primary">Open console</Button>}
          actions={[{ id: "stop", label: "Shut down", onSelect: nothing }]}
        />
        <Tabs label="Parts of web1" active="summary" items={[{ id: "summary", label: "Summary", href: "#/kit" }, { id: "hw", label: "Hardware", href: "#/kit", alert: "Changes wait for the next boot" }, { id: "snap", label: "Snapshots", href: "#/kit", count: 4 }, { id: "xml", label: "XML", href: "#/kit" }]} />
        <PageHeader icon={Monitor} name={"a name of two hundred characters ".repeat(7)} state={{ kind: "warning", word: "not reachable" }} stale seen={new Date(started - 3_600_000)} path={[{ label: "Hosts" }, { label: "kvm9" }]} actions={[{ id: "x", label: "x", onSelect: nothing }]} />
        <div className="px-3 py-2">
          <PropertyList
            columns={2}
            items={[
              { label: "Address", value: "10.0.0.17", copy: "10.0.0.17", mono: true },
              { label: "UUID", value: "6f1c2d3e-0a1b-4c2d-8e3f-445566778899", copy: "6f1c", mono: true },
              { label: "Guest", value: "Debian 12" },
              { label: "Agent", value: undefined },
              { label: "Right to left", value: "שרת־בדיקות <img src=x>" },
              { label: "Memory", value: "4 GiB" },
            ]}
          />
        </div>
      </Section>
      <Section title="Empty and failed" flush>
        <EmptyState icon={HardDrive} title="No volumes in pool default" action={<Button variant="primary">Make a volume</Button>}>
          Disks of VMs and images would be here.
        </EmptyState>
        <div className="border-t border-line" />
        <ErrorState error={{ message: "Host kvm3 is not reachable: connection refused", hint: "Is sshd running there? Try ssh root@kvm3 in a terminal." }} onRetry={nothing} onLog={nothing} />
        <div className="border-t border-line" />
        <ErrorState compact error={{ message: "The pools of kvm4 could not be read" }} onRetry={nothing} />
      </Section>
    </div>
  );
}

function Messages() {
  return (
    <Section title="Messages">
      <div className="flex flex-col gap-2">
        <Alert tone="neutral">Nothing of ours runs on this host.</Alert>
        <Alert tone="info" title="2 changes wait for the next boot" action={<Button size="sm">Show them</Button>}>
          vCPUs 2 to 4, machine type.
        </Alert>
        <Alert tone="warning">kvm3 is not reachable. What you see is 4 min old.</Alert>
        <Alert tone="failed" title="The host's key changed">Someone may be in between, or it was installed anew.</Alert>
        <Alert tone="good">All hosts are ready.</Alert>
        <div className="flex flex-col gap-2">
          <Toast notice={{ id: -1, kind: "done", title: "web1 started", task: "t1", undo: "Stop web1" }} onUndo={nothing} onLog={nothing} />
          <Toast notice={{ id: -2, kind: "error", title: "web1 did not start", text: "Its disk is used by web2", task: "t2" }} onUndo={nothing} onLog={nothing} />
        </div>
        <div className="flex items-center gap-3">
          <Skeleton className="size-6" />
          <span className="flex flex-col gap-1">
            <Skeleton className="h-3 w-40" />
            <Skeleton className="h-3 w-24" />
          </span>
        </div>
      </div>
    </Section>
  );
}
