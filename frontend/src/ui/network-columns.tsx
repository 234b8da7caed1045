import type { Network } from "@/gen/limiquantix/v1/network_pb";
import { hostHref } from "@/lib/links";
import { HostName, RowState } from "./host-name";
import type { StateKind } from "./state";
import type { ColumnDef } from "./table-columns";

/** networkState is how a network's state is drawn and called. */
export function networkState(n: Pick<Network, "active">): { kind: StateKind; word: string } {
  return n.active ? { kind: "running", word: "active" } : { kind: "stopped", word: "inactive" };
}

const FORWARDS: Record<string, string> = { nat: "NAT", route: "routed", bridge: "bridged", open: "open", "": "isolated" };

/** forwardWord is how guests get out of a network. */
export function forwardWord(n: Pick<Network, "forward">): string {
  return FORWARDS[n.forward] ?? n.forward;
}

/** NETWORK_COLUMNS are the columns of lists of networks. */
export const NETWORK_COLUMNS: ColumnDef<Network>[] = [
  { id: "name", header: "Name", width: 200, value: (n) => n.name },
  { id: "host", header: "Host", width: 140, value: (n) => n.host, filter: "choice", cell: (n) => <HostName name={n.host} href={hostHref(n.host, "networks")} /> },
  { id: "state", header: "State", width: 110, value: (n) => networkState(n).word, filter: "choice", cell: (n) => <RowState host={n.host} state={networkState(n)} /> },
  { id: "forward", header: "Way out", width: 100, value: forwardWord, filter: "choice" },
  { id: "cidr", header: "Subnet", width: 170, mono: true, value: (n) => n.cidr, cell: (n) => <span className="name">{n.cidr || "–"}</span> },
  { id: "bridge", header: "Bridge", width: 120, mono: true, value: (n) => n.bridge, cell: (n) => <span className="name">{n.bridge || "–"}</span> },
  { id: "autostart", header: "Autostart", width: 90, filter: "choice", value: (n) => n.autostart },
];
