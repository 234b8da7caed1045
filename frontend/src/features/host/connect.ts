import type { Problem } from "@/lib/error";

/** What stands between us and a host after an attempt: what the dialog shows next. */
export type Obstacle =
  /** The user compares the fingerprint; accepting sends it as host_key. */
  | { kind: "key"; fingerprint: string; keyType: string; address: string }
  /** Another key than before: somebody may be in between. */
  | { kind: "changed"; fingerprint: string; keyType: string; address: string; old: string; oldType: string; known: string; message: string }
  | { kind: "secret"; secret: SecretKind; for: string; wrong: boolean; message: string }
  /** One of the form's fields is wrong. */
  | { kind: "field"; problem: Problem; field: string }
  /** The host was reached, and lacks something: a readiness check says what. */
  | { kind: "lacking"; problem: Problem }
  | { kind: "failed"; problem: Problem };

/** SecretKind is what is asked for; a prompt is the host's own question, such as for a one-time code. */
export type SecretKind = "password" | "passphrase" | "prompt";

/** obstacleOf reads the error of AddHost, CheckHost or ReconnectHost. sentSecret: the attempt had one. */
export function obstacleOf(p: Problem, sentSecret: boolean): Obstacle {
  const d = p.detail;
  switch (p.code) {
    case "host_key_unknown":
      return { kind: "key", fingerprint: d.fingerprint ?? "", keyType: d.key_type ?? "", address: d.address ?? "" };
    case "host_key_changed":
      return {
        kind: "changed", fingerprint: d.fingerprint ?? "", keyType: d.key_type ?? "", address: d.address ?? "",
        old: d.old_fingerprint ?? "", oldType: d.old_key_type ?? "", known: d.known_hosts ?? "", message: p.message,
      };
    case "secret_needed":
      return { kind: "secret", secret: secretKind(d.secret), for: d.for ?? "", wrong: d.wrong === "yes" || (sentSecret && d.secret !== "prompt"), message: p.message };
    case "auth_failed":
      // A password that was wrong is asked for again; without one, typing helps nobody.
      return sentSecret ? { kind: "secret", secret: "password", for: loginOf(d), wrong: true, message: p.message } : { kind: "failed", problem: p };
    case "unreachable":
      if (d.reason !== "libvirt") break; // else its shell was reached
      return { kind: "lacking", problem: p };
    case "unsupported":
    case "denied":
      return { kind: "lacking", problem: p };
  }
  return d.field ? { kind: "field", problem: p, field: d.field } : { kind: "failed", problem: p };
}

function secretKind(s: string | undefined): SecretKind {
  return s === "passphrase" || s === "prompt" ? s : "password";
}

function loginOf(d: Record<string, string>): string {
  return d.user && d.address ? `${d.user}@${d.address}` : (d.address ?? "");
}

/** keyFile is where sshd keeps its host key of a type, for ssh-keygen -lf on the host. */
export function keyFile(keyType: string): string {
  const name = keyType.startsWith("ecdsa-") ? "ecdsa" : { "ssh-ed25519": "ed25519", "ssh-rsa": "rsa", "ssh-dss": "dsa" }[keyType];
  return `/etc/ssh/ssh_host_${name ?? "*"}_key.pub`;
}

/** sameFingerprint compares what was pasted with what the host shows. */
export function sameFingerprint(pasted: string, shown: string): boolean {
  const found = /(?:SHA256:)?([A-Za-z0-9+/]{43})=?(?:\s|$)/.exec(pasted.trim());
  return found !== null && `SHA256:${found[1]}` === shown.replace(/=$/, "");
}
