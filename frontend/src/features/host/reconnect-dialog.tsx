import type { ReactNode } from "react";
import { useState } from "react";

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

/**
 * useReconnect connects to a host anew. Its dialog asks for what that takes, and
 * closes by itself when it worked.
 */
export function useReconnect(): { reconnect: (host: Host) => void; dialog: ReactNode } {
  const { attempt, run, forget } = useConnect<Host | undefined>();
  const [host, setHost] = useState<Host>();
  const [agrees, setAgrees] = useState<boolean>();

  const connect = async (to: Host, more: Partial<Trust> = {}) => {
    setAgrees(undefined);
    const done = await run(async (t, signal) => (await client(HostService).reconnectHost({ host: to.id, ...t }, { signal })).host, more);
    if (!done) return;
    notify({ kind: "done", title: `${to.name} is connected` });
    setHost(undefined);
  };
  const reconnect = (to: Host) => {
    forget();
    setHost(to);
    void connect(to);
  };
  const close = () => {
    forget();
    setHost(undefined);
  };
  const dialog = host && (
    <Dialog
      open
      onClose={close}
      title={`Connect to ${host.name}`}
      description={host.address}
      footer={<ConnectButtons attempt={attempt} agrees={agrees} back="Cancel" onBack={close} onConnect={(more) => void connect(host, more)} />}
    >
      {attempt.kind === "stopped" ? (
        <ObstacleView obstacle={attempt.obstacle} target={{ host: host.id }} onSecret={(secret) => void connect(host, { secret })} onCompared={setAgrees} />
      ) : (
        <div role="status" className="flex flex-col gap-3">
          <p>Connecting …</p>
          <Skeleton className="h-3 w-72" />
          <Skeleton className="h-3 w-56" />
        </div>
      )}
    </Dialog>
  );
  return { reconnect, dialog };
}
