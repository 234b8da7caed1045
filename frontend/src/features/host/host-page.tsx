import { useNavigate, useParams } from "@tanstack/react-router";
import { Plug, Plus, Server } from "lucide-react";
import { useMemo } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { problemOf, sentence } from "@/lib/error";
import { date } from "@/lib/format";
import { useHosts, useVMs } from "@/lib/inventory";
import { createHref, hostHref } from "@/lib/links";
import { hostState } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { Alert, EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { Tabs } from "@/ui/tabs";
import { Findings } from "./findings";
import { useHostActions } from "./host-actions";
import { HostEvents } from "./host-events";
import { HostHardware } from "./host-hardware";
import { HostFootprint } from "./host-footprint";
import { HostJournal } from "./host-journal";
import { HostNetworks, HostPools, HostVMs } from "./host-lists";
import { HostServices } from "./host-services";
import { HostSummary } from "./host-summary";
import { HostTerminal } from "./host-terminal";
import { wayOut } from "./way-out";

const TABS = [
  { id: "summary", label: "Summary" }, { id: "vms", label: "VMs" }, { id: "hardware", label: "Hardware" }, { id: "storage", label: "Storage" },
  { id: "networks", label: "Networks" }, { id: "services", label: "Services" }, { id: "journal", label: "Journal" },
  { id: "terminal", label: "Terminal" }, { id: "check", label: "Check" }, { id: "events", label: "Events" },
] as const;

type Tab = (typeof TABS)[number]["id"];

/** HostPage is one host with its parts. */
export function HostPage() {
  const { host: name = "", tab } = useParams({ strict: false });
  const { hosts, isPending, error, refetch } = useHosts();
  const host = hosts.find((h) => h.name === name);
  if (host) return <OneHost key={host.id} host={host} tab={TABS.find((t) => t.id === tab)?.id ?? "summary"} />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Server} name={name} path={[{ label: "Hosts", href: "#/hosts" }]} />
      {error && <ErrorState error={problemOf(error)} onRetry={() => void refetch()} />}
      {isPending && <Waiting />}
      {!error && !isPending && (
        <EmptyState icon={Server} title={`There is no host ${name} here`} action={<Button asChild><a href="#/hosts">All hosts</a></Button>}>
          It may have been forgotten, or have another name.
        </EmptyState>
      )}
    </div>
  );
}

function OneHost({ host, tab }: { host: Host; tab: Tab }) {
  const navigate = useNavigate();
  const actions = useHostActions(() => void navigate({ to: "/hosts" }));
  const { vms: all, isPending } = useVMs();
  const vms = useMemo(() => all.filter((v) => v.host === host.name), [all, host.name]);
  const live = host.state === Host_State.LIVE;
  const way = wayOut(host.action);
  const tabs = TABS.map((t) => ({
    ...t,
    href: hostHref(host.name, t.id === "summary" ? "" : t.id),
    count: t.id === "vms" ? vms.length : undefined,
  }));
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader
        icon={Server}
        name={host.name}
        state={hostState(host)}
        path={[{ label: "Hosts", href: "#/hosts" }, ...host.site.split("/").filter(Boolean).map((label) => ({ label })), ...(host.cluster ? [{ label: host.cluster }] : [])]}
        seen={date(host.seen)}
        stale={!live}
        actions={actions.menu([host])}
        primary={
          live ? (
            <Button variant="primary" icon={Plus} asChild>
              <a href={createHref({ host: host.name })}>Create VM</a>
            </Button>
          ) : (
            <Button variant="primary" icon={Plug} onClick={() => actions.reconnect([host])}>
              Connect
            </Button>
          )
        }
      />
      {!live && host.reason && (
        <Alert banner tone={host.state === Host_State.REFUSED ? "failed" : "warning"} title={sentence(host.reason)}
          action={way && <Button size="sm" onClick={() => actions.leave(host, way)}>{way.label}</Button>}>
          {host.hint && `${sentence(host.hint)}. `}What is shown is as it was when it was last seen.
        </Alert>
      )}
      <Tabs items={tabs} active={tab} label={`Parts of ${host.name}`} />
      <div className="min-h-0 flex-1 overflow-y-auto bg-canvas">
        {tab === "summary" && <HostSummary host={host} vms={vms} />}
        {tab === "vms" && <HostVMs host={host} vms={vms} pending={isPending} />}
        {tab === "hardware" && <HostHardware host={host} />}
        {tab === "storage" && <HostPools host={host} />}
        {tab === "networks" && <HostNetworks host={host} />}
        {tab === "services" && <HostServices host={host} />}
        {tab === "journal" && <HostJournal host={host} />}
        {tab === "terminal" && <HostTerminal host={host} />}
        {tab === "check" && (
          <div className="flex max-w-220 flex-col gap-6 p-4">
            <Findings target={{ host: host.id }} />
            <HostFootprint host={host} />
          </div>
        )}
        {tab === "events" && <HostEvents host={host} />}
      </div>
      {actions.dialogs}
    </div>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Reading the host" className="grid gap-3 p-4 lg:grid-cols-2">
      <Skeleton className="h-60 w-full" />
      <Skeleton className="h-60 w-full" />
    </div>
  );
}
