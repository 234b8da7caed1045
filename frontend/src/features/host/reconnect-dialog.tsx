import { useEffect, useRef, useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { HostService } from "@/gen/limiquantix/v1/host_pb";
import { client } from "@/lib/api";
import { notify } from "@/lib/notify";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/feedback";
import { ConnectButtons } from "./connect-buttons";
import { ObstacleView } from "./obstacle-view";
import type { Trust } from "./use-connect";
import { useConnect } from "./use-connect";

/** ReconnectDialog connects to a host anew, and asks for what that takes; it closes by itself when it worked. */
export function ReconnectDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const { attempt, run, cancel } = useConnect<Host | undefined>();
  const [agrees, setAgrees] = useState<boolean>();
  const begun = useRef(false);

  const connect = async (more: Partial<Trust> = {}) => {
    setAgrees(undefined);
    const done = await run(async (t, signal) => (await client(HostService).reconnectHost({ host: host.id, ...t }, { signal })).host, more);
    if (!done) return;
    notify({ kind: "done", title: `${host.name} is connected` });
    onClose();
  };
  // The dialog is the attempt: there is nothing to see before it.
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void connect();
  });
  const close = () => {
    cancel();
    onClose();
  };
  const busy = attempt.kind === "busy" || attempt.kind === "idle";
  return (
    <Dialog
      open
      onClose={close}
      title={`Connect to ${host.name}`}
      description={host.address}
      footer={<ConnectButtons attempt={attempt.kind === "idle" ? { kind: "busy" } : attempt} agrees={agrees} back="Cancel" onBack={close} onConnect={(more) => void connect(more)} />}
    >
      {busy && (
        <div role="status" className="flex flex-col gap-3">
          <p>Connecting …</p>
          <Skeleton className="h-3 w-72" />
          <Skeleton className="h-3 w-56" />
        </div>
      )}
      {attempt.kind === "stopped" && (
        <ObstacleView obstacle={attempt.obstacle} target={{ host: host.id }} onSecret={(secret) => void connect({ secret })} onCompared={setAgrees} />
      )}
    </Dialog>
  );
}
