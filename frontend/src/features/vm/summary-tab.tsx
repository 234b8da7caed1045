import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";

import { Alert, ErrorState, Skeleton } from "@/ui/feedback";
import { PropertyList, Section } from "@/ui/property-list";
import { Addresses } from "./addresses";
import { excerpt } from "./notes";
import { factsOf } from "./facts";
import { LabelSection } from "./label-section";
import { ScreenThumbnail } from "./screen-thumbnail";
import type { Found } from "./use-vm";

const VMCharts = lazy(() => import("./vm-charts").then((m) => ({ default: m.VMCharts })));

/** SummaryTab is what one wants to know of a VM at a glance. */
export function SummaryTab({ vm, found }: { vm: VM; found: Found }) {
  return (
    <div className="flex flex-col gap-3 p-3">
      {found.away && <Alert tone="warning" title={found.away}>What is shown is what was last seen. Nothing can be changed until the host answers.</Alert>}
      {found.problem && !found.away && <ErrorState compact error={found.problem} onRetry={found.retry} />}
      <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="flex min-w-0 flex-col gap-3">
          <Section title="About">
            <PropertyList columns={2} label={`About ${vm.name}`} items={[{ label: "Addresses", value: <Addresses vm={vm} /> }, ...factsOf(vm, found.detailed)]} />
          </Section>
          <LabelSection vm={vm} away={found.away} />
          {vm.description && <NotesExcerpt vm={vm} />}
        </div>
        <ScreenThumbnail vm={vm} away={found.away} known={found.detailed} />
      </div>
      <Suspense fallback={<div className="grid gap-3 lg:grid-cols-2">{[0, 1, 2, 3].map((i) => <Skeleton key={i} className="h-58" />)}</div>}>
        <VMCharts vm={vm} />
      </Suspense>
    </div>
  );
}

function NotesExcerpt({ vm }: { vm: VM }) {
  return (
    <Section
      title="Notes"
      actions={
        <Link to="/vms/$host/$uuid/{-$tab}" params={{ host: vm.host, uuid: vm.uuid, tab: "notes" }} className="px-1.5 text-table text-accent-fg hover:underline">
          Show all
        </Link>
      }
    >
      <p className="line-clamp-4 text-table text-fg-secondary [overflow-wrap:anywhere]" dir="auto">{excerpt(vm.description)}</p>
    </Section>
  );
}
