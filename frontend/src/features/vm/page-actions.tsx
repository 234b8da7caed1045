import { Link } from "@tanstack/react-router";
import { ClipboardCopy, MonitorPlay, Play } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { vmActions } from "@/lib/vm-actions";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy-button";
import type { MenuItem } from "@/ui/menu";
import { vmMenu } from "@/ui/vm-menu";

/** PrimaryAction is what one most likely wants of a VM now: start it, let it go on, or see its screen. */
export function PrimaryAction({ vm, host }: { vm: VM; host: Host | undefined }) {
  const wanted = { [VM_State.STOPPED]: "start", [VM_State.CRASHED]: "start", [VM_State.PAUSED]: "resume" }[vm.state as number];
  const action = vmActions(vm, host).find((a) => a.id === wanted);
  if (action)
    return (
      <Button variant="primary" icon={Play} disabledReason={action.disabled} onClick={action.run}>
        {action.label}
      </Button>
    );
  const away = unreachable(host);
  if (away)
    return (
      <Button variant="primary" icon={MonitorPlay} disabledReason={away}>
        Open console
      </Button>
    );
  return (
    <Button variant="primary" asChild>
      <Link to="/vms/$host/$uuid/{-$tab}" params={{ host: vm.host, uuid: vm.uuid, tab: "console" }}>
        <MonitorPlay size={14} aria-hidden className="-ml-0.5" />
        Open console
      </Link>
    </Button>
  );
}

/** actionsOf is the actions menu of a VM's page. */
export function actionsOf(vm: VM, host: Host | undefined): MenuItem[] {
  return [...vmMenu(vm, host), "line", ...copyItems(vm)];
}

/** copyItems copy what names a VM elsewhere. */
export function copyItems(vm: VM): MenuItem[] {
  const item = (id: string, label: string, text: string | undefined): MenuItem[] =>
    text ? [{ id, label, icon: ClipboardCopy, onSelect: () => void copyText(text) }] : [];
  return [...item("copy-name", "Copy name", vm.name), ...item("copy-ip", "Copy address", vm.addresses[0]?.ip), ...item("copy-uuid", "Copy UUID", vm.uuid)];
}
