import { useState } from "react";

import type { CheckHostRequest } from "@/gen/limiquantix/v1/host_pb";
import { sentence } from "@/lib/error";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/feedback";
import { Field } from "@/ui/field";
import { Form, FormErrors } from "@/ui/form";
import { Input } from "@/ui/input";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CheckHostRequestSchema } from "@/gen/limiquantix/v1/host_pb";
import type { Obstacle, SecretKind } from "./connect";
import { Findings } from "./findings";
import { KeyChanged, KeyQuestion } from "./host-key";

/** What may be checked: a managed host or a way to one. */
export type Target = MessageInitShape<typeof CheckHostRequestSchema> & { $typeName?: CheckHostRequest["$typeName"] };

/** ObstacleView shows what stands between us and a host, whatever it is. */
export function ObstacleView({ obstacle: o, target, onSecret, onCompared }: {
  obstacle: Obstacle;
  target: Target;
  /** A password or passphrase was sent by Enter; formId is for the button of the dialog. */
  onSecret: (secret: string) => void;
  /** What was pasted agrees with the fingerprint; undefined: nothing is pasted any more. */
  onCompared: (agrees: boolean | undefined) => void;
}) {
  switch (o.kind) {
    case "key":
      return <KeyQuestion obstacle={o} onCompared={onCompared} />;
    case "changed":
      return <KeyChanged obstacle={o} onCompared={onCompared} />;
    case "secret":
      return <SecretForm key={`${o.secret} ${o.for}`} obstacle={o} onSecret={onSecret} />;
    case "lacking":
      return (
        <div className="flex flex-col gap-3">
          <FormErrors error={o.problem} />
          <Findings target={target} quiet />
        </div>
      );
    case "field":
    case "failed":
      return <ErrorState error={o.problem} />;
  }
}

/** The form's id, for a button outside of it. */
export const SECRET_FORM = "host-secret";

const ASKS: Record<SecretKind, { label: string; wrong: string }> = {
  password: { label: "Password", wrong: "The host did not accept it" },
  passphrase: { label: "Passphrase", wrong: "It does not open this key" },
  prompt: { label: "Answer", wrong: "The host did not accept it" },
};

function SecretForm({ obstacle: o, onSecret }: { obstacle: Extract<Obstacle, { kind: "secret" }>; onSecret: (secret: string) => void }) {
  const [secret, setSecret] = useState("");
  const [sent, setSent] = useState("");
  const [shown, setShown] = useState(false);
  const ask = ASKS[o.secret];
  const send = () => {
    setSent(secret);
    if (secret) onSecret(secret);
  };
  return (
    <Form id={SECRET_FORM} onSubmit={send}>
      <p className="[overflow-wrap:anywhere]">{sentence(o.message)}.</p>
      <Field
        label={o.secret === "prompt" ? o.for || ask.label : o.for ? `${ask.label} for ${o.for}` : ask.label}
        required
        error={o.wrong && secret === sent ? ask.wrong : undefined}
        hint="Kept in memory while limiquantix runs, and written nowhere."
      >
        <Input
          autoFocus
          type={shown ? "text" : "password"}
          autoComplete="current-password"
          value={secret}
          onChange={(e) => setSecret(e.target.value)}
          unit={
            <Button size="sm" variant="ghost" className="-mr-1.5 h-5!" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? "Hide" : "Show"}
            </Button>
          }
        />
      </Field>
    </Form>
  );
}
