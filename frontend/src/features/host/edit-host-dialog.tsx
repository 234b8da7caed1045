import { useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_Connect, HostService } from "@/gen/limiquantix/v1/host_pb";
import { client } from "@/lib/api";
import { checkName } from "@/lib/check";
import { hostHref } from "@/lib/links";
import { notify } from "@/lib/notify";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldGroup } from "@/ui/field";
import { Form, FormErrors } from "@/ui/form";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { checkAddress, splitList } from "./address";
import { ConnectButtons } from "./connect-buttons";
import { ObstacleView } from "./obstacle-view";
import { useConnect } from "./use-connect";

const EDIT_FORM = "host-edit";

const fieldsOf = (h: Host) => ({
  name: h.name, address: h.address, cluster: h.cluster, site: h.site, jumps: h.jumps.join(", "), identities: h.identities.join(", "),
  connect: h.connect === Host_Connect.DEMAND ? "demand" : "always",
});
type Fields = ReturnType<typeof fieldsOf>;

/** editWrongs is what is wrong with a site, a name or an address, by its field in EditHostRequest. */
export function editWrongs(f: Fields): Partial<Record<string, string>> {
  const part = f.site === "" ? undefined : f.site.split("/").map(checkName).find(Boolean);
  const all = { name: checkName(f.name), "spec.address": checkAddress(f.address), site: part && `Groups apart by slashes, such as eu/berlin. ${part}` };
  return Object.fromEntries(Object.entries(all).filter(([, wrong]) => wrong !== undefined));
}

/** EditHostDialog changes a host's name, place and how it is reached. Another way to it is tried before it is kept. */
export function EditHostDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const [f, setFields] = useState(() => fieldsOf(host));
  const [agrees, setAgrees] = useState<boolean>();
  const { attempt, run, cancel } = useConnect<Host | undefined>();
  const wrongs = editWrongs(f);
  const was = fieldsOf(host);
  const otherWay = f.address !== was.address || f.jumps !== was.jumps || f.identities !== was.identities;
  const set = (part: Partial<Fields>) => setFields({ ...f, ...part });

  const save = async (more: { hostKey?: string; secret?: string } = {}, untested = false) => {
    if (Object.keys(wrongs).length > 0) return;
    setAgrees(undefined);
    const kept = await run(async (trust, signal) => {
      const spec = otherWay ? { address: f.address.trim(), jumps: splitList(f.jumps), identities: splitList(f.identities), uri: host.uri, ...trust } : undefined;
      const connect = f.connect === "demand" ? Host_Connect.DEMAND : Host_Connect.ALWAYS;
      return (await client(HostService).editHost({ host: host.id, name: f.name, cluster: f.cluster, site: f.site, connect, spec, untested }, { signal })).host;
    }, more);
    if (!kept) return;
    notify({ kind: "done", title: `${kept.name} is changed` });
    onClose();
    if (kept.name !== host.name && window.location.hash.startsWith(hostHref(host.name))) window.location.hash = hostHref(kept.name);
  };
  const stopped = attempt.kind === "stopped" ? attempt.obstacle : undefined;
  const asks = stopped && stopped.kind !== "field" && stopped.kind !== "failed" ? stopped : undefined;
  const problem = stopped && !asks && "problem" in stopped ? stopped.problem : undefined;
  const footer = asks ? (
    <ConnectButtons attempt={attempt} agrees={agrees} onBack={cancel} onConnect={(more) => void save(more)} />
  ) : (
    <>
      <Button onClick={onClose}>Cancel</Button>
      {problem && otherWay && <Button onClick={() => void save({}, true)}>Keep it untested</Button>}
      <Button variant="primary" type="submit" form={EDIT_FORM} busy={attempt.kind === "busy"}>
        {otherWay ? "Connect and save" : "Save"}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} dirty={JSON.stringify(f) !== JSON.stringify(was)} title={`Edit ${host.name}`} footer={footer}>
      {asks ? (
        <ObstacleView obstacle={asks} target={{ host: host.id }} onSecret={(secret) => void save({ secret })} onCompared={setAgrees} />
      ) : (
        <Form id={EDIT_FORM} onSubmit={() => void save()}>
          <FormErrors error={problem} />
          <Field label="Name" required name="name" error={wrongs.name}>
            <Input autoFocus value={f.name} onChange={(e) => set({ name: e.target.value })} />
          </Field>
          <FieldGroup columns={2}>
            <Field label="Site" optional name="site" error={wrongs.site} hint="Groups from the outermost: eu/berlin">
              <Input value={f.site} onChange={(e) => set({ site: e.target.value.trim() })} />
            </Field>
            <Field label="Cluster" optional name="cluster">
              <Input value={f.cluster} onChange={(e) => set({ cluster: e.target.value })} />
            </Field>
          </FieldGroup>
          <Field label="Connect" hint="On demand: when somebody looks or acts, until some minutes after that">
            <Select value={f.connect} onChange={(connect) => set({ connect })} options={[{ value: "always", label: "Always" }, { value: "demand", label: "On demand" }]} />
          </Field>
          <Field label="Address" required name="spec.address" error={wrongs["spec.address"]}>
            <Input mono value={f.address} onChange={(e) => set({ address: e.target.value })} />
          </Field>
          <Field label="Jump hosts" optional name="spec.jumps" hint={inherited(host, "jumps") ?? "Through these, the first hop first, separated by commas"}>
            <Input mono value={f.jumps} onChange={(e) => set({ jumps: e.target.value })} />
          </Field>
          <Field label="Private keys" optional name="spec.identities" hint={inherited(host, "identities") ?? "Files on the computer where limiquantix runs, separated by commas"}>
            <Input mono value={f.identities} onChange={(e) => set({ identities: e.target.value })} />
          </Field>
        </Form>
      )}
    </Dialog>
  );
}

/** inherited says what a group gives where the host itself says nothing; undefined for nothing. */
export function inherited(host: Pick<Host, "inherited">, field: string): string | undefined {
  const from = host.inherited.find((i) => i.field === field);
  return from && `From group ${from.group}: ${from.values.join(", ")}`;
}
