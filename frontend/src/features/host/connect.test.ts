import { expect, test } from "vitest";

import type { Problem } from "@/lib/error";
import { keyFile, obstacleOf, sameFingerprint } from "./connect";

const problem = (code: string, detail: Record<string, string> = {}): Problem => ({ code, message: "It did not work", hint: "", detail });

test.each([
  ["host_key_unknown", {}, false, "key"],
  ["host_key_changed", {}, false, "changed"],
  ["host_key_revoked", {}, false, "failed"],
  ["secret_needed", { secret: "password" }, false, "secret"],
  ["auth_failed", {}, false, "failed"],
  ["auth_failed", { user: "root", address: "kvm1:22" }, true, "secret"],
  ["unsupported", {}, false, "lacking"],
  ["denied", {}, false, "lacking"],
  ["exists", { field: "name" }, false, "field"],
  ["invalid", {}, false, "failed"],
  ["unreachable", {}, true, "failed"],
  ["unreachable", { reason: "name" }, false, "failed"],
  ["unreachable", { reason: "libvirt" }, false, "lacking"],
])("%s with %j, a secret sent: %s, leads to %s", (code, detail, sent, want) => expect(obstacleOf(problem(code, detail), sent).kind).toBe(want));

test.each([
  [{ secret: "password", for: "root@kvm1" }, false, { secret: "password", for: "root@kvm1", wrong: false }],
  [{ secret: "passphrase", wrong: "yes" }, true, { secret: "passphrase", for: "", wrong: true }],
  [{ secret: "prompt", for: "Code:" }, true, { secret: "prompt", for: "Code:", wrong: false }],
  [{}, false, { secret: "password", for: "", wrong: false }],
])("secret_needed %j", (detail, sent, want) => expect(obstacleOf(problem("secret_needed", detail), sent)).toMatchObject(want));

test.each([["ssh-ed25519", "ed25519"], ["ecdsa-sha2-nistp256", "ecdsa"], ["ssh-rsa", "rsa"], ["", "*"]])(
  "a key of type %s is in the file of %s", (type, name) => expect(keyFile(type)).toBe(`/etc/ssh/ssh_host_${name}_key.pub`));

const print = "uNiVztksCsDhcc0u9e8BgrJXVGDqK5vQ5s2lS6kq2yE";
test.each([
  [`SHA256:${print}`, true], [print, true], [`  256 SHA256:${print} root@kvm1 (ED25519)\n`, true], [`SHA256:${print.replace("u", "v")}`, false], ["", false], ["yes", false], [print.slice(1), false],
])("the pasted %j agrees: %s", (pasted, want) => expect(sameFingerprint(pasted, `SHA256:${print}`)).toBe(want));
