import { KeyRound } from "lucide-react";
import { useState } from "react";

import { mistakesIn } from "@/lib/error";
import type { Problem } from "@/lib/error";
import { Button } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { Field, FieldGroup } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { StateShape } from "@/ui/state";
import { hostnameOf, withoutPlace } from "./rules";
import { readKeys } from "./ssh-key";
import type { StepProps } from "./step";

/** CloudInitForm is the plain questions, and below them the user's own YAML. problem is what the server says of it. */
export function CloudInitForm({ draft, set, wrong, problem }: Pick<StepProps, "draft" | "set" | "wrong"> & { problem: Problem | undefined }) {
  const [shown, setShown] = useState(false);
  // The server's word on a field counts only where the rules here found nothing.
  const error = (field: string) => wrong(field) ?? mistakesIn(problem, field)[0]?.message;
  return (
    <div className="flex flex-col gap-4">
      <FieldGroup columns={2}>
        <Field label="Host name" optional name="cloud_init.hostname" error={error("cloud_init.hostname")}>
          <Input value={draft.hostname} placeholder={hostnameOf(draft.name)} onChange={(e) => set({ hostname: e.target.value })} />
        </Field>
        <Field label="User" optional name="cloud_init.user" error={error("cloud_init.user")} hint="Made with sudo. Empty: the image's own user">
          <Input value={draft.user} placeholder="the image's own" onChange={(e) => set({ user: e.target.value })} />
        </Field>
      </FieldGroup>
      <Field label="Password" optional name="cloud_init.password" error={error("cloud_init.password")} hint="For the console; only its hash is kept. Empty: none works">
        <Input
          type={shown ? "text" : "password"}
          autoComplete="new-password"
          value={draft.password}
          onChange={(e) => set({ password: e.target.value })}
          unit={
            <Button size="sm" variant="ghost" className="-mr-1.5 h-5!" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? "Hide" : "Show"}
            </Button>
          }
        />
      </Field>
      <Field label="SSH keys" optional name="cloud_init.ssh_keys" error={error("cloud_init.ssh_keys")} hint="Public keys, one a line: what ~/.ssh/id_ed25519.pub holds">
        <Textarea mono rows={3} value={draft.keys} placeholder="ssh-ed25519 AAAA… you@laptop" onChange={(e) => set({ keys: e.target.value })} />
      </Field>
      <Keys text={draft.keys} />
      <YAML
        label="Own user-data"
        field="cloud_init.user_data"
        hint="A #cloud-config of your own, merged over the above: its keys win, lists are joined"
        start={"#cloud-config\n"}
        value={draft.userData}
        wrong={wrong("cloud_init.user_data")}
        problem={problem}
        onChange={(userData) => set({ userData })}
      />
      <YAML
        label="Network configuration"
        field="cloud_init.network_config"
        hint="cloud-init's, version 1 or 2. Empty: DHCP on every card"
        start={"version: 2\nethernets:\n"}
        value={draft.networkConfig}
        wrong={wrong("cloud_init.network_config")}
        problem={problem}
        onChange={(networkConfig) => set({ networkConfig })}
      />
    </div>
  );
}

/** Keys tells of each pasted line what it is. */
function Keys({ text }: { text: string }) {
  const keys = readKeys(text);
  if (keys.length === 0) return null;
  return (
    <ul aria-label="Pasted keys" className="-mt-2 flex flex-col gap-1 text-table">
      {keys.map((k, i) => (
        <li key={i} className="flex min-w-0 items-start gap-2">
          {k.wrong ? <StateShape state="failed" label="Wrong" className="mt-0.5" /> : <KeyRound size={12} aria-hidden className="mt-0.5 shrink-0 text-running" />}
          <span className="name max-w-48 shrink-0 font-mono">{k.wrong ? k.line : k.type}</span>
          <span className={k.wrong ? "min-w-0 text-failed" : "name text-fg-muted"}>{k.wrong ?? (k.comment || "without a comment")}</span>
        </li>
      ))}
    </ul>
  );
}

function YAML({ label, field, hint, start, value, wrong, problem, onChange }: {
  label: string;
  field: string;
  hint: string;
  /** What one begins with. */
  start: string;
  value: string;
  /** What is seen to be wrong here. */
  wrong: string | undefined;
  problem: Problem | undefined;
  onChange: (value: string) => void;
}) {
  const [open, setOpen] = useState(value !== "");
  if (!open)
    return (
      <div className="flex items-center gap-3">
        <Button size="sm" onClick={() => { setOpen(true); if (value === "") onChange(start); }}>
          {label} …
        </Button>
        <span className="text-table text-fg-muted">{hint}</span>
      </div>
    );
  const errors = wrong ? [{ message: wrong, line: 0, column: 0 }] : mistakesIn(problem, field).map(({ message, detail }) => ({ message: detail.line ? withoutPlace(message) : message, line: Number(detail.line ?? 0), column: Number(detail.column ?? 0) }));
  const close = () => {
    onChange("");
    setOpen(false);
  };
  return (
    <div className="flex flex-col gap-1" data-field={field}>
      <div className="flex items-center justify-between">
        <span className="text-table font-medium text-fg-secondary">{label}</span>
        <Button size="sm" variant="ghost" onClick={close}>
          Remove
        </Button>
      </div>
      <CodeEditor label={label} language="yaml" height="180px" value={value} onChange={onChange} marks={errors.filter((e) => e.line > 0)} />
      {errors.length > 0 && (
        <div role="alert" aria-label={`Wrong in ${label.toLowerCase()}`} className="text-table [overflow-wrap:anywhere] text-failed">
          <ul>
            {errors.map((e, i) => (
              <li key={i}>
                {e.line > 0 && `Line ${e.line}${e.column > 0 ? `, column ${e.column}` : ""}: `}
                {e.message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="text-table text-fg-muted">{hint}</p>
    </div>
  );
}
