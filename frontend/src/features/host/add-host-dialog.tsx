import type { MessageInitShape } from "@bufbuild/protobuf";
import { useState } from "react";

import type { Host, HostSpecSchema } from "@/gen/limiquantix/v1/host_pb";
import { HostService } from "@/gen/limiquantix/v1/host_pb";
import { client } from "@/lib/api";
import { useHosts } from "@/lib/inventory";
import { hostHref } from "@/lib/links";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/feedback";
import { ADD_FORM, AddHostForm, EMPTY_FORM, nameOf } from "./add-host-form";
import type { HostForm } from "./add-host-form";
import { splitList } from "./address";
import { ConnectButtons } from "./connect-buttons";
import { Findings } from "./findings";
import { ObstacleView } from "./obstacle-view";
import { StepsBar } from "./steps-bar";
import type { Attempt, Trust } from "./use-connect";
import { useConnect } from "./use-connect";

/** specOf is how the host is reached, as the API is told. */
function specOf(f: HostForm, trust: Trust): MessageInitShape<typeof HostSpecSchema> {
  return { address: f.address.trim(), jumps: splitList(f.jumps), identities: splitList(f.identities), uri: f.uri.trim(), ...trust };
}

/**
 * AddHostDialog asks for an address, has the user compare the host's key and
 * give what it asks for, and ends with the readiness check. What was typed
 * stays while any step goes wrong.
 */
export function AddHostDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [round, setRound] = useState(0); // a new dialog begins from nothing, secrets too
  const close = () => {
    onClose();
    setRound(round + 1);
  };
  return <Inside key={round} open={open} onClose={close} />;
}

function Inside({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { hosts } = useHosts();
  const [form, setForm] = useState(EMPTY_FORM);
  const [agrees, setAgrees] = useState<boolean>();
  const [trust, setTrust] = useState<Trust>({ hostKey: "", secret: "" });
  const { attempt, run, cancel, forget } = useConnect<Host>();
  const taken = hosts.map((h) => h.name).filter((n) => attempt.kind !== "done" || n !== attempt.result.name);
  const name = nameOf(form, taken);
  const clusters = [...new Set(hosts.map((h) => h.cluster).filter(Boolean))].sort();

  const connect = (more: Partial<Trust> = {}) => {
    setTrust({ ...trust, ...more });
    setAgrees(undefined);
    void run(async (t, signal) => {
      const { host } = await client(HostService).addHost({ name, cluster: form.cluster, spec: specOf(form, t) }, { signal });
      if (!host) throw new Error("the host was added, and is not told of");
      return host;
    }, more);
  };
  const change = (next: HostForm) => {
    // Another way to a host is another host: what was accepted counts no more.
    if (next.address !== form.address || next.jumps !== form.jumps) {
      forget();
      setTrust({ hostKey: "", secret: "" });
    }
    setForm(next);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      dirty={attempt.kind !== "done" && form.address.trim() !== ""}
      title={attempt.kind === "done" ? `${attempt.result.name} is added` : "Add a host"}
      description={attempt.kind === "done" ? undefined : "A computer with libvirt that is reached by SSH. Nothing is installed on it."}
      footer={<Footer attempt={attempt} agrees={agrees} onBack={cancel} onClose={onClose} onConnect={connect} />}
    >
      <StepsBar steps={["Address", "Host key", "Log in", "Check"]} at={stepAt(attempt)} />
      {showsForm(attempt) && (
        <AddHostForm form={form} onChange={change} onSubmit={() => connect()} taken={taken} clusters={clusters} error={formError(attempt)} />
      )}
      {attempt.kind === "busy" && <Connecting address={form.address} />}
      {attempt.kind === "stopped" && !showsForm(attempt) && (
        <ObstacleView obstacle={attempt.obstacle} target={{ spec: specOf(form, trust) }} onSecret={(secret) => connect({ secret })} onCompared={setAgrees} />
      )}
      {attempt.kind === "done" && <Findings target={{ host: attempt.result.name }} />}
    </Dialog>
  );
}

function stepAt(a: Attempt<Host>): number {
  if (a.kind === "done") return 3;
  if (a.kind !== "stopped") return 0;
  return { key: 1, changed: 1, secret: 2, lacking: 3, field: 0, failed: 0 }[a.obstacle.kind];
}

/** What cannot be answered sends one back to the form, with the sentence on top. */
function showsForm(a: Attempt<Host>): boolean {
  return a.kind === "idle" || (a.kind === "stopped" && (a.obstacle.kind === "field" || a.obstacle.kind === "failed"));
}

function formError(a: Attempt<Host>) {
  return a.kind === "stopped" && (a.obstacle.kind === "field" || a.obstacle.kind === "failed") ? a.obstacle.problem : undefined;
}

function Connecting({ address }: { address: string }) {
  return (
    <div role="status" className="flex flex-col gap-3">
      <p className="[overflow-wrap:anywhere]">
        Connecting to <bdi className="font-mono text-table">{address.trim()}</bdi> …
      </p>
      <Skeleton className="h-3 w-72" />
      <Skeleton className="h-3 w-56" />
      <Skeleton className="h-3 w-64" />
    </div>
  );
}

function Footer({ attempt, agrees, onBack, onClose, onConnect }: {
  attempt: Attempt<Host>;
  agrees: boolean | undefined;
  onBack: () => void;
  onClose: () => void;
  onConnect: (more: Partial<Trust>) => void;
}) {
  if (attempt.kind === "done")
    return (
      <>
        <Button onClick={onClose}>Close</Button>
        <Button variant="primary" asChild>
          <a href={hostHref(attempt.result.name)} onClick={onClose}>
            <span className="name max-w-60">Go to {attempt.result.name}</span>
          </a>
        </Button>
      </>
    );
  if (showsForm(attempt))
    return (
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" form={ADD_FORM}>
          Connect
        </Button>
      </>
    );
  return <ConnectButtons attempt={attempt} agrees={agrees} onBack={onBack} onConnect={onConnect} />;
}
