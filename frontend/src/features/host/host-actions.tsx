import { useNavigate } from "@tanstack/react-router";
import { ListChecks, Pencil, Plug, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State, HostService } from "@/gen/limiquantix/v1/host_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { notify } from "@/lib/notify";
import { unreachable } from "@/lib/vm-state";
import type { MenuItem } from "@/ui/menu";
import { EditHostDialog } from "./edit-host-dialog";
import { useReconnect } from "./reconnect-dialog";
import { RemoveHostDialog } from "./remove-host-dialog";
import type { WayOut } from "./way-out";

/** HostActions is what can be done to hosts, from whatever place on these pages. */
export interface HostActions {
  menu: (hosts: readonly Host[]) => MenuItem[];
  reconnect: (hosts: readonly Host[]) => void;
  remove: (hosts: readonly Host[]) => void;
  /** Takes the way out of a host's state. */
  leave: (host: Host, way: WayOut) => void;
  /** The dialogs that acts may open; rendered once. */
  dialogs: ReactNode;
}

/** useHostActions holds the dialogs of acts on hosts. removed is called once hosts are forgotten. */
export function useHostActions(removed?: () => void): HostActions {
  const navigate = useNavigate();
  const one = useReconnect();
  const [removing, setRemoving] = useState<readonly Host[]>();
  const [editing, setEditing] = useState<Host>();

  const reconnect = (hosts: readonly Host[]) => {
    const only = hosts[0];
    if (hosts.length === 1 && only) one.reconnect(only);
    else for (const h of hosts) void reconnectAlone(h);
  };
  const check = (host: Host) => void navigate({ to: "/hosts/$host/{-$tab}", params: { host: host.name, tab: "check" } });
  const leave = (host: Host, way: WayOut) => ({ reconnect: one.reconnect, edit: setEditing, check })[way.act](host);
  const menu = (hosts: readonly Host[]): MenuItem[] => {
    const only = hosts.length === 1 ? hosts[0] : undefined;
    const many = only ? "" : ` ${hosts.length} hosts`;
    const single: MenuItem[] = only
      ? [
          { id: "check", label: "Check readiness", icon: ListChecks, onSelect: () => check(only) },
          { id: "edit", label: "Edit …", icon: Pencil, onSelect: () => setEditing(only) },
          { id: "create", label: "Create a VM here", icon: Plus, disabledReason: unreachable(only), onSelect: () => void navigate({ to: "/create", search: { host: only.name } }) },
        ]
      : [];
    return [
      { id: "reconnect", label: `${only && only.state !== Host_State.LIVE ? "Connect" : "Reconnect"}${many}`, icon: Plug, onSelect: () => reconnect(hosts) },
      ...single,
      "line",
      { id: "remove", label: `Forget${many} …`, icon: Trash2, danger: true, onSelect: () => setRemoving(hosts) },
    ];
  };
  const dialogs = (
    <>
      {one.dialog}
      {editing && <EditHostDialog key={editing.id} host={editing} onClose={() => setEditing(undefined)} />}
      {removing && <RemoveHostDialog hosts={removing} onClose={() => setRemoving(undefined)} onRemoved={removed} />}
    </>
  );
  return { menu, reconnect, remove: setRemoving, leave, dialogs };
}

/** Several hosts are reconnected without questions: one that has some says so. */
async function reconnectAlone(host: Host): Promise<void> {
  try {
    await client(HostService).reconnectHost({ host: host.id });
    notify({ kind: "done", title: `${host.name} is connected` });
  } catch (e) {
    const p = problemOf(e);
    notify({ kind: "error", title: `${host.name}: ${p.message}`, text: p.hint });
  }
}
