import { expect, test } from "vitest";

import { checkKey, readKeys } from "./ssh-key";

const ed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmKdy9mQ2kGBNN4PhaXzvf0hza62V/pVJILCnpIZiYh";
const ec = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFs84QYY7vt9uY5Mx3pcT46UqzuQtTtQuvUFUze0YIcrKNwWMQRTx5hq64RhmidGknIyGnBtfDun+b1SOy31/Pw=";

test.each([ed, `${ed} ada@laptop`, ec, `${ec} with several words`])("the key %s is right", (k) => expect(checkKey(k)).toBeUndefined());

test.each([
  ["-----BEGIN OPENSSH PRIVATE KEY-----", "private"],
  ["---- BEGIN SSH2 PUBLIC KEY ----", "4716"],
  ["ssh-dss AAAA", "type"],
  ["ssh-ed25519", "type"],
  [`command="id" ${ed}`, "type"],
  [ed.slice(0, -1), "base64"],
  [ed.slice(0, -4), "cut off"],
  [ed.replace("ssh-ed25519 ", "ssh-rsa "), "cut off"],
  ["ssh-ed25519 !!!!", "base64"],
  [`${ed} \u0007`, "control"],
  [`ssh-rsa ${"A".repeat(17_000)}`, "long"],
])("the key %s is refused: %s", (k, says) => expect(checkKey(k)).toContain(says));

test("readKeys takes lines, without empty ones and comments", () => {
  const keys = readKeys(`# mine\r\n${ed} ada@laptop\r\n\r\n  ${ec}  \nnonsense`);
  expect(keys.map((k) => [k.type, k.comment, k.wrong !== undefined])).toEqual([["ssh-ed25519", "ada@laptop", false], ["ecdsa-sha2-nistp256", "", false], ["nonsense", "", true]]);
});
