import { CirclePause, Play, Power, PowerOff, RotateCcw, RotateCw, Trash2, type LucideIcon } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { vmActions, type VMAction } from "@/lib/vm-actions";
import type { MenuAction, MenuItem } from "./menu";

/** The icon of each act on a VM. */
export const vmIcons: Record<VMAction["id"], LucideIcon> = {
  start: Play,
  resume: Play,
  shutdown: Power,
  reboot: RotateCw,
  pause: CirclePause,
  stop: PowerOff,
  reset: RotateCcw,
  delete: Trash2,
};

/** What can be done to a VM, as a menu: harmless acts, dangerous ones, deletion. */
export function vmMenu(vm: VM, host: Host | undefined): MenuItem[] {
  const entry = (a: VMAction): MenuAction => ({ id: a.id, label: a.label, icon: vmIcons[a.id], danger: a.danger, disabledReason: a.disabled, onSelect: a.run });
  const all = vmActions(vm, host);
  const last = all.filter((a) => a.id === "delete");
  return [...all.filter((a) => !a.danger).map(entry), "line", ...all.filter((a) => a.danger && a.id !== "delete").map(entry), "line", ...last.map(entry)];
}
