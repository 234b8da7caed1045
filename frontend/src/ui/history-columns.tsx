import type { HistoryChange, PastObject } from "@/gen/limiquantix/v1/history_pb";
import { absolute, date } from "@/lib/format";
import { byWhom, kindWord, pastState } from "@/lib/past";
import { Age } from "./age";
import { StateBadge } from "./state";
import type { ColumnDef } from "./table-columns";

const when = (at: Date | undefined) => (at ? absolute(at) : "");

/** A state of then. */
export function PastState({ state }: { state: string }) {
  const { kind, word } = pastState(state);
  return state ? <StateBadge state={kind} word={word} /> : <span className="text-fg-muted">–</span>;
}

/** Columns of changes of one object. */
export const changeColumns: readonly ColumnDef<HistoryChange>[] = [
  { id: "text", header: "What changed", value: (c) => c.text, width: 380 },
  { id: "time", header: "When", value: (c) => date(c.time), text: (c) => when(date(c.time)), cell: (c) => <Age at={date(c.time)} />, filter: false, width: 110 },
  { id: "by", header: "By", value: byWhom, filter: "choice", width: 110 },
  { id: "change", header: "Change", value: (c) => c.change, filter: "choice", width: 110 },
  { id: "state", header: "State after it", value: (c) => c.state, filter: "choice", cell: (c) => <PastState state={c.state} />, width: 120 },
  { id: "watched", header: "Seen as it happened", value: (c) => (c.since ? "no" : "yes"), filter: "choice", width: 150, hidden: true },
  { id: "absolute", header: "Date and time", value: (c) => date(c.time), text: (c) => when(date(c.time)), cell: (c) => when(date(c.time)), filter: false, width: 180, hidden: true },
];

/** Columns of changes of all objects. */
export const fleetChangeColumns: readonly ColumnDef<HistoryChange>[] = [
  ...changeColumns.slice(0, 3),
  { id: "kind", header: "Kind", value: (c) => kindWord(c.object?.kind ?? ""), filter: "choice", width: 90 },
  { id: "host", header: "Host", value: (c) => c.object?.host ?? "", filter: "choice", width: 130 },
  ...changeColumns.slice(3),
];

/** Columns of what there was at a time. */
export const pastColumns: readonly ColumnDef<PastObject>[] = [
  { id: "name", header: "Name", value: (p) => p.object?.name ?? "", width: 260 },
  { id: "kind", header: "Kind", value: (p) => kindWord(p.object?.kind ?? ""), filter: "choice", width: 90 },
  { id: "state", header: "State then", value: (p) => p.state, filter: "choice", cell: (p) => <PastState state={p.state} />, width: 130 },
  { id: "host", header: "Host", value: (p) => p.object?.host ?? "", filter: "choice", width: 150 },
  { id: "since", header: "So since", value: (p) => date(p.since), text: (p) => when(date(p.since)), cell: (p) => when(date(p.since)), filter: false, width: 180 },
  { id: "id", header: "UUID", value: (p) => p.object?.id ?? "", mono: true, width: 280, hidden: true },
];
