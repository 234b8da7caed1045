import { expect, test } from "vitest";

import { byteLength, checkChecksum, checkFolder, checkMAC, checkName, checkVMName } from "./check";

// The tables of core/name_test.go.
test.each(["a", "web-1", "web.example.org", "Größe", "日本語", "مرحبا", "🐧", "a b", `it's "quoted"`, "$(id)", "<script>", "a;b|c&d", "back\\slash", "~", "a..b", "x".repeat(200)])(
  "the name %s is right", (name) => expect(checkName(name)).toBeUndefined());

test.each([
  ["", "name"], [".", "begin"], ["..", "begin"], [".hidden", "begin"], ["-rf", "begin"], [" a", "space"], ["a ", "space"], ["\ta", "space"],
  ["a/b", "'/'"], ["../../etc/passwd", "begin"], ["a\nb", "control"], ["a\0b", "control"], ["a\x1b[2J", "control"], ["a\u009bb", "control"],
  ["a\u202eb", "invisible"], ["a\u200bb", "invisible"], ["a\u00a0b", "invisible"], ["a\ud800", "invisible"], ["x".repeat(201), "200"], ["日".repeat(67), "200"],
])("the name %j is refused: %s", (name, says) => expect(checkName(name)).toContain(says));

test.each([["日".repeat(11), true], ["日".repeat(12), false], ["x".repeat(200), true], ["é".repeat(13) + "a".repeat(7), true], ["é".repeat(14) + "a".repeat(6), false]])(
  "the VM name %s can be started: %s", (name, fine) => expect(checkVMName(name) === undefined).toBe(fine));

test.each(["/", "/srv/vms", "/srv/a b", "/srv/..a", "/Größe"])("the folder %s is right", (p) => expect(checkFolder(p)).toBeUndefined());
test.each(["", "srv", "/srv/", "/srv//a", "/srv/../etc", "/srv/.", "/..", "/a\nb", "/" + "x".repeat(1024)])("the folder %j is refused", (p) => expect(checkFolder(p)).toBeDefined());

test.each(["", "sha256:" + "a0".repeat(32), " SHA512:" + "B1".repeat(64) + " "])("the checksum %j is right", (s) => expect(checkChecksum(s)).toBeUndefined());
test.each([["a0".repeat(32), "sha256:"], ["a0".repeat(64), "sha512:"], ["md5:" + "a0".repeat(16), "128"], ["sha256:12", "64"], ["sha256:" + "g".repeat(64), "64"]])(
  "the checksum %j is refused", (s, says) => expect(checkChecksum(s)).toContain(says));

test.each([["", true], ["52:54:00:12:34:56", true], ["52:54:00:AB:cd:ef", true], ["53:54:00:12:34:56", false], ["52-54-00-12-34-56", false], ["52:54:0:12:34:56", false], ["52:54:00:12:34:56:78", false]])(
  "the MAC address %j is right: %s", (mac, fine) => expect(checkMAC(mac) === undefined).toBe(fine));

test("byteLength counts UTF-8", () => expect(byteLength("aé日🐧")).toBe(10));
