import { PowerVMRequest_Action as Action, VMService, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { client } from "./api";
import { plural } from "./format";
import { operate, type Ask } from "./operate";
import { operateMany } from "./operate-many";
import { unreachable } from "./vm-state";

/** VMAction is something that can be done to a VM, from whatever place. */
export interface VMAction {
  id: "start" | "shutdown" | "stop" | "reboot" | "reset" | "pause" | "resume" | "delete";
  label: string;
  /** Why not now; undefined when it can be done. */
  disabled?: string;
  /** It is drawn as dangerous. */
  danger?: boolean;
  run: () => void;
}

const { RUNNING, PAUSED, STOPPED, CRASHED, SHUTTING_DOWN, SUSPENDED } = VM_State;

const POWER: { id: VMAction["id"]; label: string; action: Action; from: VM_State[]; not: string; direct?: boolean; danger?: boolean }[] = [
  { id: "start", label: "Start", action: Action.START, from: [STOPPED, CRASHED], not: "It is not stopped", direct: true },
  { id: "resume", label: "Resume", action: Action.RESUME, from: [PAUSED], not: "It is not paused", direct: true },
  { id: "shutdown", label: "Shut down", action: Action.SHUTDOWN, from: [RUNNING], not: "It is not running", direct: true },
  { id: "reboot", label: "Reboot", action: Action.REBOOT, from: [RUNNING], not: "It is not running", direct: true },
  { id: "pause", label: "Pause", action: Action.PAUSE, from: [RUNNING], not: "It is not running", direct: true },
  { id: "stop", label: "Power off", action: Action.STOP, from: [RUNNING, PAUSED, SHUTTING_DOWN, SUSPENDED, CRASHED], not: "It is off already", danger: true },
  { id: "reset", label: "Reset", action: Action.RESET, from: [RUNNING, PAUSED], not: "It is not running", danger: true },
];

/** vmRef names a VM exactly for the API. */
export function vmRef(v: Pick<VM, "host" | "uuid">): string {
  return `${v.host}/${v.uuid}`;
}

/** vmActions returns what can be done to a VM, always all of it, in one order. */
export function vmActions(v: VM, host: Host | undefined): VMAction[] {
  const away = unreachable(host);
  const actions: VMAction[] = POWER.map((p) => ({
    id: p.id,
    label: p.label,
    danger: p.danger,
    disabled: away ?? (p.from.includes(v.state) ? undefined : p.not),
    run: () => void power([v], p.id),
  }));
  actions.push({ id: "delete", label: "Delete …", danger: true, disabled: away, run: () => void remove([v]) });
  return actions;
}

/** power asks for the same act on several VMs: one sheet, a task each. */
export async function power(vms: VM[], id: VMAction["id"]): Promise<void> {
  const p = POWER.find((x) => x.id === id);
  if (!p) return;
  const call = (v: VM) => (ask: Ask) => client(VMService).powerVM({ vm: vmRef(v), action: p.action, ...ask });
  const only = vms[0];
  if (vms.length === 1 && only) return operate({ call: call(only), direct: p.direct, once: `${id} ${vmRef(only)}`, danger: p.danger, act: `${p.label} ${only.name}` });
  return operateMany({ act: `${p.label} ${plural(vms.length, "VM")}`, danger: p.danger, items: vms.map((v) => ({ name: v.name, call: call(v) })) });
}

/** remove asks to delete VMs with their disks; the sheet names what goes with them. */
export function remove(vms: VM[]): Promise<void> {
  const runs = (v: VM) => v.state !== STOPPED && v.state !== CRASHED;
  const call = (v: VM) => (ask: Ask) => client(VMService).deleteVM({ vm: vmRef(v), stop: runs(v), ...ask });
  const only = vms[0];
  if (vms.length === 1 && only) return operate({ call: call(only), act: runs(only) ? `Power off and delete ${only.name}` : `Delete ${only.name}`, typed: only.name });
  const count = plural(vms.length, "VM");
  return operateMany({ act: `Delete ${count}`, danger: true, typed: `delete ${count}`, items: vms.map((v) => ({ name: v.name, call: call(v) })) });
}
