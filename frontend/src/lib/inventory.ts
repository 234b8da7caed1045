import { useQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";

import { HostService } from "@/gen/limiquantix/v1/host_pb";
import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { TaskService } from "@/gen/limiquantix/v1/task_pb";
import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";

const NO_VMS: VM[] = [];
const NO_HOSTS: Host[] = [];
const NO_TASKS: Task[] = [];

/** useHosts returns all hosts by name, kept true by the Watch stream. */
export function useHosts() {
  const query = useQuery(HostService.method.listHosts, {});
  return { ...query, hosts: query.data?.hosts ?? NO_HOSTS };
}

/** useHost returns one host by name; undefined while unknown. */
export function useHost(name: string | undefined): Host | undefined {
  const { hosts } = useHosts();
  return useMemo(() => hosts.find((h) => h.name === name), [hosts, name]);
}

/**
 * useVMs returns all VMs by host and name from the cache, kept true by the
 * Watch stream. Hosts are connected by the application itself, never by a list.
 */
export function useVMs() {
  const query = useQuery(VMService.method.listVMs, { offline: true });
  return { ...query, vms: query.data?.vms ?? NO_VMS };
}

/** vmKey is unique in the fleet: a VM's UUID may exist on two hosts. */
export function vmKey(v: Pick<VM, "host" | "uuid">): string {
  return `${v.host}/${v.uuid}`;
}

/** useTasks returns the newest tasks, newest first. */
export function useTasks() {
  const query = useQuery(TaskService.method.listTasks, { limit: 200 });
  return { ...query, tasks: query.data?.tasks ?? NO_TASKS };
}
