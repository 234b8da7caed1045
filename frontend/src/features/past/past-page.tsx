import { useNavigate, useSearch } from "@tanstack/react-router";
import { History } from "lucide-react";

import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/page-header";
import { Segmented } from "@/ui/toggle";
import { FleetAt } from "./fleet-at";
import { FleetBetween } from "./fleet-between";
import { FleetChanges } from "./fleet-changes";
import { RetentionDialog } from "./retention-dialog";
import type { PastSearch, View } from "./search";

const VIEWS = [
  { value: "changes", label: "Changes" },
  { value: "at", label: "At a time" },
  { value: "between", label: "Between two times" },
] as const;

/** PastPage is the history of the fleet: what changed, what there was at a time, and what is different between two. */
export function PastPage() {
  const search: PastSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (next: PastSearch) => void navigate({ to: "/history", search: next, replace: true });
  const view: View = search.view ?? "changes";
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={History} name="History" primary={<Button size="sm" onClick={() => show({ ...search, kept: true })}>How much is kept</Button>}>
        <Segmented label="View" value={view} options={VIEWS} onChange={(v) => show(v === "changes" ? {} : { ...search, view: v, change: undefined })} />
      </PageHeader>
      <div className="min-h-0 flex-1">
        {view === "changes" && <FleetChanges search={search} show={show} />}
        {view === "at" && <FleetAt search={search} show={show} />}
        {view === "between" && <FleetBetween search={search} show={show} />}
      </div>
      {search.kept && <RetentionDialog onClose={() => show({ ...search, kept: undefined })} />}
    </div>
  );
}
