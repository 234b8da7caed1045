import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { HostService } from "@/gen/limiquantix/v1/host_pb";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { notify } from "@/lib/notify";
import { ConfirmDialog } from "@/ui/confirm-dialog";

/** RemoveHostDialog asks before hosts are forgotten, and says that nothing on them is touched. */
export function RemoveHostDialog({ hosts, onClose, onRemoved }: { hosts: readonly Host[]; onClose: () => void; onRemoved?: () => void }) {
  const remove = useMutation(HostService.method.removeHost);
  const [problem, setProblem] = useState<Problem>();
  const only = hosts.length === 1 ? hosts[0] : undefined;
  const what = only ? `host ${only.name}` : plural(hosts.length, "host");

  const act = async () => {
    setProblem(undefined);
    for (const h of hosts) {
      try {
        await remove.mutateAsync({ host: h.id });
      } catch (e) {
        const p = problemOf(e);
        if (p.code === "not_found") continue; // another window was faster
        return setProblem({ ...p, message: only ? p.message : `${h.name}: ${p.message}` });
      }
    }
    notify({ kind: "done", title: `Forgot ${what}`, text: "Nothing on it was touched. Add it again at any time." });
    onClose();
    onRemoved?.();
  };
  return (
    <ConfirmDialog open onClose={onClose} title={`Forget ${what}?`} goes={hosts.map(goesWith)} act={`Forget ${what}`} onAct={() => void act()} busy={remove.isPending} error={problem}>
      {only ? "Nothing on the host is touched" : "Nothing on these hosts is touched"}: VMs that run go on running, and their disks stay. limiquantix forgets how to reach{" "}
      {only ? "it" : "them"} and what it knew of {only ? "its" : "their"} VMs.
    </ConfirmDialog>
  );
}

function goesWith(h: Host) {
  return (
    <>
      <bdi className="font-medium">{h.name}</bdi> ({h.address}): what is known of {plural(h.vms, "VM")}
      {h.running > 0 && `, ${h.running} running`}
    </>
  );
}
