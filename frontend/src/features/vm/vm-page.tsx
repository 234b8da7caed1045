import { useNavigate, useParams } from "@tanstack/react-router";
import { Monitor, MonitorX } from "lucide-react";
import { Suspense, use, useMemo } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { date } from "@/lib/format";
import { hostHref, vmHref } from "@/lib/links";
import type { Shortcut } from "@/lib/shortcut";
import { focusPage } from "@/lib/page-focus";
import { useShortcuts } from "@/lib/shortcut";
import { ConsoleTabSlot } from "@/lib/slots";
import { vmState } from "@/lib/vm-state";
import { Badge } from "@/ui/badge";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { Tabs } from "@/ui/tabs";
import { Gone } from "./gone";
import { HardwareTab } from "./hardware-tab";
import { EventsTab } from "./events-tab";
import { NotesTab } from "./notes-tab";
import { PrimaryAction, actionsOf } from "./page-actions";
import { PastTab } from "./past-tab";
import { SummaryTab } from "./summary-tab";
import { useVM, type Found } from "./use-vm";
import { XMLTab } from "./xml-tab";

const TABS = [
  { id: "summary", label: "Summary" },
  { id: "console", label: "Console" },
  { id: "hardware", label: "Hardware" },
  { id: "xml", label: "XML" },
  { id: "events", label: "Events" },
  { id: "history", label: "History" },
  { id: "notes", label: "Notes" },
] as const;

type TabId = (typeof TABS)[number]["id"];

/** VMPage is one VM: what it is, what it does, its screen, its XML. */
export function VMPage() {
  const { host = "", uuid = "", tab } = useParams({ strict: false });
  const found = useVM(host, uuid);
  const active = TABS.find((t) => t.id === tab)?.id ?? "summary";
  usePageKeys(host, uuid);
  if (found.missing) return <Gone key={`${host}/${uuid}`} host={host} uuid={uuid} name={found.name} hostKnown={found.host !== undefined} />;
  if (!found.vm) return found.problem ? <Failed found={found} /> : <Loading />;
  return (
    <div role="region" aria-label={`VM ${found.vm.name}`} className="flex h-full min-h-0 flex-col">
      <Head vm={found.vm} found={found} />
      <Tabs label={`Parts of ${found.vm.name}`} active={active} items={TABS.map((t) => ({ ...t, href: vmHref({ host, uuid }, t.id) }))} />
      <div className="min-h-0 flex-1 overflow-auto">
        <Content key={`${host}/${uuid}`} tab={active} vm={found.vm} found={found} />
      </div>
    </div>
  );
}

function Head({ vm, found }: { vm: VM; found: Found }) {
  return (
    <PageHeader
      icon={Monitor}
      name={vm.name}
      state={vmState(vm)}
      path={[{ label: "VMs", href: "#/vms" }, { label: vm.host, href: hostHref(vm.host) }]}
      seen={date(vm.seen)}
      stale={vm.stale}
      primary={<PrimaryAction vm={vm} host={found.host} />}
      actions={actionsOf(vm, found.host)}
    >
      {vm.title && <span className="name min-w-0 text-table text-fg-muted">{vm.title}</span>}
      {vm.pending && <Badge tone="info">changes at next boot</Badge>}
      {!vm.persistent && <Badge tone="warning">gone once it stops</Badge>}
    </PageHeader>
  );
}

function Content({ tab, vm, found }: { tab: TabId; vm: VM; found: Found }) {
  switch (tab) {
    case "summary":
      return <SummaryTab vm={vm} found={found} />;
    case "console":
      return <ConsoleTab vm={vm} />;
    case "hardware":
      return <HardwareTab vm={vm} found={found} />;
    case "xml":
      return <XMLTab vm={vm} away={found.away} />;
    case "events":
      return <EventsTab vm={vm} />;
    case "history":
      return <PastTab vm={vm} />;
    case "notes":
      return <NotesTab vm={vm} found={found} />;
  }
}

function ConsoleTab({ vm }: { vm: VM }) {
  const Console = use(ConsoleTabSlot);
  if (!Console) return <EmptyState icon={MonitorX} title="This build shows no consoles" />;
  return (
    <Suspense fallback={<Skeleton className="m-4 h-80" />}>
      <Console vm={vm} />
    </Suspense>
  );
}

function Failed({ found }: { found: Found }) {
  return (
    <div role="region" aria-label="VM" className="grid h-full place-items-center">
      {found.problem && <ErrorState error={found.problem} onRetry={found.retry} />}
    </div>
  );
}

function Loading() {
  return (
    <div role="region" aria-label="VM" aria-busy className="flex h-full flex-col">
      <div className="flex min-h-13 items-center gap-3 border-b border-line bg-panel px-4">
        <Skeleton className="size-5" />
        <Skeleton className="h-5 w-56" />
      </div>
      <div className="h-9 border-b border-line bg-panel" />
    </div>
  );
}

/** The first of the settings that can be changed. */
const FIELD = "form :is(input, button, select):not([disabled])";

/** usePageKeys: c for the console, e to edit, as on every object's page. */
function usePageKeys(host: string, uuid: string) {
  const navigate = useNavigate();
  const keys = useMemo<Shortcut[]>(() => {
    const to = (tab: TabId) => () => void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host, uuid, tab } });
    const edit = () => {
      focusPage(location.hash, FIELD);
      to("hardware")();
    };
    return [
      { keys: "c", label: "Console of this VM", group: "This page", run: to("console") },
      { keys: "e", label: "Edit this VM's settings", group: "This page", run: edit },
    ];
  }, [navigate, host, uuid]);
  useShortcuts(keys);
}
