import { useQuery } from "@connectrpc/connect-query";

import { HostService } from "@/gen/limiquantix/v1/host_pb";
import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { VMService, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { unreachable } from "@/lib/vm-state";
import type { Guest } from "./line";

/** A VM by which console it has. */
export type Kind = "graphical" | "serial";

/** How often a console window without a Watch stream asks for its VM, from the cache. */
const POLL_MS = 2000;

/** What a console knows of its VM. */
export interface Subject {
  /** Absent while it is read, or when there is none. */
  vm?: VM;
  host?: Host;
  guest: Guest;
  /** VM and host were read: it can be told whether there is a console. */
  known: boolean;
  /** The VM cannot be read. */
  problem?: Problem;
}

/**
 * useSubject reads a VM and its host. A console window (`alone`) asks again and
 * again instead of keeping a Watch stream: a browser allows six connections for
 * one address, and there may be more console windows than that.
 */
export function useSubject(host: string, uuid: string, alone: boolean): Subject {
  const poll = { refetchInterval: alone ? POLL_MS : (false as const), refetchIntervalInBackground: true };
  const vm = useQuery(VMService.method.getVM, { vm: `${host}/${uuid}`, offline: true }, poll);
  const hosts = useQuery(HostService.method.listHosts, {}, poll);
  const found = hosts.data?.hosts.find((h) => h.name === host);
  const v = vm.data?.vm;
  return {
    vm: v,
    host: found,
    guest: { up: v === undefined || isUp(v.state), away: found && unreachable(found) },
    known: v !== undefined && !hosts.isPending,
    problem: problemWith(vm.error, v),
  };
}

/** problemWith is why there is no VM: it was never read, or it was here (v) and is gone. */
function problemWith(error: unknown, v: VM | undefined): Problem | undefined {
  if (!error) return undefined;
  const problem = problemOf(error);
  if (!v) return problem;
  if (problem.code !== "not_found") return undefined;
  return { ...problem, message: `VM ${v.name} is no longer on ${v.host}`, hint: "It was deleted or moved to another host, or its host was removed from limiquantix." };
}

/** isUp tells whether a VM in that state has a console. */
export function isUp(state: VM_State): boolean {
  return state === VM_State.RUNNING || state === VM_State.PAUSED || state === VM_State.SHUTTING_DOWN;
}

/** kindOf is the console to show: the one that is asked for, else the first that the VM has. */
export function kindOf(vm: Pick<VM, "graphics" | "serial"> | undefined, asked: Kind | undefined): Kind {
  if (asked) return asked;
  return vm && vm.graphics === "" && vm.serial ? "serial" : "graphical";
}
