import { useQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { useHosts, useVMs, vmKey } from "@/lib/inventory";
import { vmRef } from "@/lib/vm-actions";
import { unreachable } from "@/lib/vm-state";

/** What is known of the VM of an address. */
export interface Found {
  vm: VM | undefined;
  host: Host | undefined;
  /** Nothing is known yet. */
  loading: boolean;
  /** It is certain that there is no such VM. */
  missing: boolean;
  /** What it was called, when it was here. */
  name: string | undefined;
  /** What only its host tells (hardware, notes …) is in vm. */
  detailed: boolean;
  /** Why that is not so, or why nothing is known. */
  problem: Problem | undefined;
  /** Why nothing can be done to it now; undefined when it can. */
  away: string | undefined;
  retry: () => void;
}

/** useVM is one VM: its state from the list, which the Watch stream keeps true, the rest from its host. */
export function useVM(host: string, uuid: string): Found {
  const list = useVMs();
  const { hosts, isPending: hostsPending } = useHosts();
  const listed = useMemo(() => list.vms.find((v) => v.host === host && v.uuid === uuid), [list.vms, host, uuid]);
  const itsHost = hosts.find((h) => h.name === host);
  const away = hostsPending ? undefined : unreachable(itsHost);
  const detail = useQuery(VMService.method.getVM, { vm: vmRef({ host, uuid }), offline: away !== undefined }, { enabled: !hostsPending });
  // The answer of before stays when the VM went behind our back: its host says so now.
  const gone = list.isSuccess && !listed && detail.error !== null && problemOf(detail.error).code === "not_found";
  const vm = useMemo(() => (gone ? undefined : join(listed, detail.data?.vm)), [gone, listed, detail.data]);
  const problem = detail.error ? problemOf(detail.error) : list.error && !vm ? problemOf(list.error) : undefined;
  return {
    vm,
    host: itsHost,
    loading: !vm && !problem,
    missing: gone,
    name: detail.data?.vm?.name,
    detailed: detail.isSuccess && away === undefined,
    problem,
    away,
    retry: () => void Promise.all([detail.refetch(), list.refetch()]),
  };
}

/** join takes from the list what moves, and from the host's answer what the list does not have. */
function join(listed: VM | undefined, detail: VM | undefined): VM | undefined {
  if (!listed || !detail || vmKey(listed) !== vmKey(detail)) return listed ?? detail;
  return { ...detail, state: listed.state, stale: listed.stale, seen: listed.seen };
}
