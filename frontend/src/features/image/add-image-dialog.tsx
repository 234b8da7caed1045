import { useState } from "react";

import type { Image } from "@/gen/limiquantix/v1/image_pb";
import { ImageService } from "@/gen/limiquantix/v1/image_pb";
import { client } from "@/lib/api";
import { bytes } from "@/lib/format";
import { useHosts } from "@/lib/inventory";
import { usePlanForm } from "@/lib/plan-form";
import { usePools } from "@/lib/stock";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field, FieldGroup } from "@/ui/field";
import { Form } from "@/ui/form";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import type { ImageForm } from "./image-rules";
import { imageWrongs, nameFrom } from "./image-rules";

const EMPTY: ImageForm = { source: "", checksum: "", host: "", pool: "", name: "" };

/** AddImageDialog asks where an image comes from and where it goes; the plan follows, and then a task with its progress. */
export function AddImageDialog({ images, onClose }: { images: readonly Image[]; onClose: () => void }) {
  const { hosts } = useHosts();
  const { pools } = usePools();
  const [typed, setTyped] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const live = hosts.filter((h) => !unreachable(h));
  const host = typed.host || (live.length === 1 ? (live[0]?.name ?? "") : "");
  const here = pools.filter((p) => p.host === host);
  const usual = here.find((p) => p.name === "default" && p.state === "active") ?? here.find((p) => p.state === "active");
  const form = { ...typed, host, pool: typed.pool || (usual?.name ?? "") };
  const wrongs = imageWrongs(form, images);
  const set = (part: Partial<ImageForm>) => setTyped({ ...typed, ...part });
  const plan = usePlanForm(form);
  const shown = (field: keyof ImageForm) => (tried || typed[field] !== "" ? wrongs[field] : undefined) ?? plan.wrong(field);
  const submit = () => {
    setTried(true);
    if (Object.keys(wrongs).length > 0) return;
    const request = { ...form, source: form.source.trim(), checksum: form.checksum.trim() };
    void plan.submit({ call: (ask) => client(ImageService).addImage({ ...request, ...ask }), act: `Add image ${form.name || nameFrom(form.source)}`, begun: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      dirty={typed.source !== ""}
      title="Add an image"
      description="A disk image or ISO, from the web or from the computer where limiquantix runs, into a pool of a host."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="image-add" busy={plan.busy}>
            Show the plan
          </Button>
        </>
      }
    >
      <Form id="image-add" onSubmit={submit}>
        <Field label="Address or path" required name="source" error={shown("source")} hint="Read by limiquantix and sent over its SSH connection: the host needs no way to the web">
          <Input autoFocus mono value={typed.source} onChange={(e) => set({ source: e.target.value })} placeholder="https://cloud.example.org/debian-12-generic-amd64.qcow2" />
        </Field>
        <Field label="Checksum" optional name="checksum" error={shown("checksum")} hint="sha256: or sha512: and its digits. What does not match is not kept">
          <Input mono value={typed.checksum} onChange={(e) => set({ checksum: e.target.value })} placeholder="sha512:…" />
        </Field>
        <FieldGroup columns={2}>
          <Field label="Host" required name="host" error={shown("host")}>
            <Combobox
              value={host || undefined}
              onChange={(h) => set({ host: h, pool: "" })}
              placeholder="Choose a host"
              options={hosts.map((h) => ({ value: h.name, label: h.name, disabledReason: unreachable(h) }))}
            />
          </Field>
          <Field label="Pool" required name="pool" error={shown("pool")}>
            <Select
              value={form.pool || undefined}
              onChange={(pool) => set({ pool })}
              disabled={host === ""}
              placeholder={host ? "Choose a pool" : "Choose a host first"}
              options={here.map((p) => ({ value: p.name, label: p.name, hint: `${bytes(p.availableBytes)} free`, disabledReason: p.state === "active" ? undefined : `It is ${p.state}` }))}
            />
          </Field>
        </FieldGroup>
        <Field label="Name" optional name="name" error={shown("name")} hint="Its ending follows its format">
          <Input value={typed.name} onChange={(e) => set({ name: e.target.value })} placeholder={nameFrom(typed.source) || "from the address"} />
        </Field>
      </Form>
    </Dialog>
  );
}
