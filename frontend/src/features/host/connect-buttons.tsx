import { Button } from "@/ui/button";
import { SECRET_FORM } from "./obstacle-view";
import type { Attempt, Trust } from "./use-connect";

/** ConnectButtons are what can be answered to an obstacle; each names its act. */
export function ConnectButtons<T>({ attempt, agrees, back = "Back", onBack, onConnect }: {
  attempt: Attempt<T>;
  /** What was pasted agrees with the fingerprint that is shown; undefined: nothing was pasted. */
  agrees: boolean | undefined;
  back?: string;
  onBack: () => void;
  onConnect: (more: Partial<Trust>) => void;
}) {
  if (attempt.kind === "busy")
    return (
      <>
        <Button onClick={onBack}>Stop</Button>
        <Button variant="primary" busy>
          Connecting
        </Button>
      </>
    );
  if (attempt.kind !== "stopped") return null;
  const o = attempt.obstacle;
  return (
    <>
      <Button onClick={onBack}>{back}</Button>
      {o.kind === "key" && (
        <Button variant="primary" disabledReason={agrees === false ? "What you pasted is another key" : undefined} onClick={() => onConnect({ hostKey: o.fingerprint })}>
          Accept this key and connect
        </Button>
      )}
      {o.kind === "changed" && (
        <Button variant="danger" disabledReason={agrees ? undefined : "Compare the fingerprint first"} onClick={() => onConnect({ hostKey: o.fingerprint })}>
          Replace the key and connect
        </Button>
      )}
      {o.kind === "secret" && (
        <Button variant="primary" type="submit" form={SECRET_FORM}>
          Log in
        </Button>
      )}
      {(o.kind === "lacking" || o.kind === "failed" || o.kind === "field") && (
        <Button variant="primary" onClick={() => onConnect({})}>
          Try again
        </Button>
      )}
    </>
  );
}
