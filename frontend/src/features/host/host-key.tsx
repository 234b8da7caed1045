import { useState } from "react";

import { Alert } from "@/ui/feedback";
import { CodeBlock } from "@/ui/code-block";
import { CopyButton } from "@/ui/copy-button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PropertyList } from "@/ui/property-list";
import { keyFile, sameFingerprint } from "./connect";
import type { Obstacle } from "./connect";

/** Fingerprint shows a key large enough to compare it character by character. */
function Fingerprint({ keyType, fingerprint }: { keyType: string; fingerprint: string }) {
  const [kind, hash] = fingerprint.includes(":") ? fingerprint.split(":", 2) : ["", fingerprint];
  const groups = (hash ?? "").match(/.{1,8}/g) ?? [];
  return (
    <div className="flex items-start gap-2 rounded-md border border-line bg-sunken px-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="text-table text-fg-muted">{[keyType, kind && `${kind} fingerprint`].filter(Boolean).join(" · ")}</p>
        <p role="img" aria-label={`Fingerprint ${fingerprint}`} className="mt-1 flex flex-wrap gap-x-2.5 font-mono text-heading font-medium">
          {groups.map((g, i) => (
            <span key={i}>{g}</span>
          ))}
        </p>
      </div>
      <CopyButton text={fingerprint} label="Copy fingerprint" />
    </div>
  );
}

/** KeyQuestion asks whether a host that was never seen is the right one. */
export function KeyQuestion({ obstacle: o, onCompared }: { obstacle: Extract<Obstacle, { kind: "key" }>; onCompared: (agrees: boolean | undefined) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <p>
        <bdi className="font-medium">{o.address}</bdi> is not known here yet. It shows this key:
      </p>
      <Fingerprint keyType={o.keyType} fingerprint={o.fingerprint} />
      <Compare keyType={o.keyType} fingerprint={o.fingerprint} onCompared={onCompared} />
    </div>
  );
}

/** KeyChanged is the hard stop: the host shows another key than before. onCompared tells whether the pasted fingerprint agrees. */
export function KeyChanged({ obstacle: o, onCompared }: { obstacle: Extract<Obstacle, { kind: "changed" }>; onCompared: (agrees: boolean | undefined) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <Alert tone="failed" title="This may be another computer than before">
        Either the host was reinstalled, or somebody is in between and reads everything, passwords too. Nothing was sent. Accept this key only when you know
        why it changed.
      </Alert>
      <Fingerprint keyType={o.keyType} fingerprint={o.fingerprint} />
      <PropertyList
        label="The key before"
        items={[
          { label: "Address", value: o.address, mono: true },
          { label: "Known until now", value: [o.oldType, o.old].filter(Boolean).join(" "), mono: true },
          { label: "Written in", value: o.known, mono: true },
        ]}
      />
      <Compare keyType={o.keyType} fingerprint={o.fingerprint} required onCompared={onCompared} />
    </div>
  );
}

/** Compare tells how the fingerprint is read on the host itself, and compares what was pasted. */
function Compare({ keyType, fingerprint, required = false, onCompared }: { keyType: string; fingerprint: string; required?: boolean; onCompared: (agrees: boolean | undefined) => void }) {
  const [pasted, setPasted] = useState("");
  const agrees = sameFingerprint(pasted, fingerprint);
  const change = (text: string) => {
    setPasted(text);
    onCompared(text === "" ? undefined : sameFingerprint(text, fingerprint));
  };
  return (
    <>
      <div className="flex flex-col gap-1">
        <p className="text-table text-fg-secondary">Compare it with what this command prints on the host's own console:</p>
        <CodeBlock text={`ssh-keygen -lf ${keyFile(keyType)}`} label="command" prompt />
      </div>
      <Field
        label="What the host prints"
        optional={!required}
        error={pasted !== "" && !agrees ? "That is not the fingerprint above" : undefined}
        hint={agrees ? "It agrees with the fingerprint above." : "Paste it here, and it is compared exactly."}
      >
        <Input mono value={pasted} onChange={(e) => change(e.target.value)} placeholder="256 SHA256:…" />
      </Field>
    </>
  );
}
