import { CirclePause, FolderInput, Play, Power, PowerOff, RotateCcw, RotateCw, Table2, Tags, Trash2, type LucideIcon } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { editLabels, type LabelAsk } from "@/lib/label-sheet";
import { vmActions, type VMAction } from "@/lib/vm-actions";
import { unreachable } from "@/lib/vm-state";
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
  return [...all.filter((a) => !a.danger).map(entry), "line", ...labelMenu([vm], unreachable(host)), "line", ...all.filter((a) => a.danger && a.id !== "delete").map(entry), "line", ...last.map(entry)];
}

/** What can be written onto VMs, as a menu; why not, when their host is away. */
export function labelMenu(vms: readonly VM[], disabledReason: string | undefined): MenuItem[] {
  const entry = (what: LabelAsk["what"], label: string, icon: LucideIcon): MenuAction => ({ id: `label-${what}`, label, icon, disabledReason, onSelect: () => editLabels({ vms, what }) });
  return [entry("tags", "Tags …", Tags), entry("folder", "Move to folder …", FolderInput), entry("fields", "Fields …", Table2)];
}
