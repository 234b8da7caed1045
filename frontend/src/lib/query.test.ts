import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";

import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { globMatch } from "./query";
import { complete } from "./query-complete";
import { quoted } from "./query-parse";
import type { VMRow } from "./query-vm";
import { queryOfVMs, vmLanguage, vmQuery } from "./query-vm";

const G = 1n << 30n;

function row(name: string, more: Parameters<typeof create<typeof VMSchema>>[1] & object = {}, cluster = ""): VMRow {
  const vm = create(VMSchema, { name, host: "kvm1", uuid: `uuid-${name}`, state: VM_State.RUNNING, vcpus: 1, memoryBytes: G, persistent: true, ...more });
  return { key: `${vm.host}/${vm.uuid}`, vm, cluster };
}

const rows = [
  row("web1", { addresses: [{ ip: "10.1.2.3", mac: "52:54:00:12:34:56" }, { ip: "fd00::1" }], vcpus: 4, memoryBytes: 8n * G }, "prod"),
  row("web2", { host: "kvm2", state: VM_State.STOPPED, autostart: true, title: "Old web server", vcpus: 2 }, "prod"),
  row("db", { host: "db-host", state: VM_State.SHUTTING_DOWN, memoryBytes: 4n * G, stale: true, addresses: [{ ip: "192.168.1.7" }] }, "lab"),
  row('<img src=x onerror="alert(1)">', { host: "kvm10", persistent: false, title: "a,b" }),
];

const found = (q: string) => rows.filter(vmQuery(q).test).map((r) => r.vm.name.slice(0, 4));

test.each<[string, string[]]>([
  ["", ["web1", "web2", "db", "<img"]],
  ["   ", ["web1", "web2", "db", "<img"]],
  ["WEB", ["web1", "web2"]],
  ["web kvm2", ["web2"]],
  ["w?b*2", ["web2"]],
  ['"old web"', ["web2"]],
  ["-web", ["db", "<img"]],
  ['-"old web" web', ["web1"]],
  ["<img", ["<img"]],
  ["state:running", ["web1", "<img"]],
  ["state:stopped,shutting_down", ["web2", "db"]],
  ['state:"shutting down"', ["db"]],
  ["state:s*", ["web2", "db"]],
  ["-state:running", ["web2", "db"]],
  ["host:kvm1", ["web1"]],
  ["host:kvm*", ["web1", "web2", "<img"]],
  ["HOST:KVM1,db-host", ["web1", "db"]],
  ["cluster:prod", ["web1", "web2"]],
  ["cpu>1 cpu<=2", ["web2"]],
  ["cpu:4", ["web1"]],
  ["cpu=4", ["web1"]],
  ["mem>4G", ["web1"]],
  ["mem>=4096MiB", ["web1", "db"]],
  ["ip:10.0.0.0/8", ["web1"]],
  ["ip:fd00::/8", ["web1"]],
  ["ip:192.168.1.7", ["db"]],
  ["ip:10.1.*", ["web1"]],
  ["-ip:*", ["web2", "<img"]],
  ["192.168.1", ["db"]],
  ["52:54:00:12:34:56", ["web1"]],
  ["fd00::1", ["web1"]],
  ["mac:12:34", ["web1"]],
  ['title:"a,b"', ["<img"]],
  ["stale:yes", ["db"]],
  ["stale:no persistent:no", ["<img"]],
  ["autostart:true", ["web2"]],
  ["name:web title:old", ["web2"]],
  ["id:kvm1/uuid-web1,db-host/uuid-db", ["web1", "db"]],
])("%s finds %j", (q, want) => {
  expect(vmQuery(q).problems).toEqual([]);
  expect(found(q)).toEqual(want);
});

describe("what is wrong is pointed at and left out", () => {
  test.each<[string, string, string]>([
    ["web stat:running", "stat", "did you mean state"],
    ["sate:running", "sate", "did you mean state"],
    ["-colour:red", "-colour", "There is no field “colour”"],
    ["state:runing web", "runing", "state is one of: running, paused"],
    ["cpu>two", "two", "is no number"],
    ["mem>4X", "4X", "is no size"],
    ["name>5", "name>5", "cannot be greater"],
    ["ip:10.0.0.0/40", "10.0.0.0/40", "is no address"],
    ["ip:hello", "hello", "is no address"],
    ["stale:maybe", "maybe", "yes or no"],
    ["web state:", "state:", "What should state be?"],
    ['web "not closed', '"not closed', "The quote is not closed"],
    ["state:running,runing", "runing", "state is one of"],
  ])("%s at %s", (q, at, message) => {
    const [p] = vmQuery(q).problems;
    expect(q.slice(p?.from, p?.to)).toBe(at);
    expect(p?.message).toContain(message);
  });

  test("the other terms still count", () => expect(found("web colour:red cpu>2")).toEqual(["web1"]));
  test("what is half typed is told as such", () => expect(vmQuery("state:").problems[0]?.unfinished).toBe(true));
});

describe("globMatch", () => {
  test.each([["*", "", true], ["a*c", "abbc", true], ["a*c", "abbd", false], ["?", "", false], ["**x", "yx", true], ["a.c", "abc", false]])("%s on %s: %s", (p, t, want) =>
    expect(globMatch(p, t)).toBe(want));
  test("ends soon on a pattern that would make a regular expression run for ages", () => expect(globMatch("a*".repeat(400) + "b", "a".repeat(2000))).toBe(false));
});

test.each(["a b", 'a"b', "a,b", "a\\b", "", "plain", "kvm1/6f1c"])("quoted(%j) is read back", (value) => {
  const q = vmQuery(`host:${quoted(value)}`);
  expect(q.problems).toEqual([]);
  if (value) expect(q.test(row("x", { host: value }))).toBe(true);
});

test("queryOfVMs finds exactly these", () => expect(rows.filter(vmQuery(queryOfVMs([rows[0]!.key, rows[2]!.key])).test)).toEqual([rows[0], rows[2]]));

describe("complete", () => {
  const offer = (text: string, caret = text.length) => complete(text, caret, vmLanguage, rows).map((c) => text.slice(0, c.from) + c.text + text.slice(c.to));
  test.each<[string, string[]]>([
    ["st", ["state:", "stale:"]],
    ["web -st", ["web -state:", "web -stale:"]],
    ["cp", ["cpu>"]],
    ["state:r", ["state:running"]],
    ["state:sh", ["state:shutting_down"]],
    ["host:kvm", ["host:kvm1", "host:kvm10", "host:kvm2"]],
    ["host:kvm1,d", ["host:kvm1,db-host"]],
    ["stale:", ["stale:yes", "stale:no"]],
    ["cluster:", ["cluster:lab", "cluster:prod"]],
    ['"st', []],
    ["nosuch:", []],
  ])("%s", (text, want) => expect(offer(text)).toEqual(want));

  test("an empty box offers every field", () => expect(complete("", 0, vmLanguage, rows)).toHaveLength(vmLanguage.fields.length));
  test("values with spaces come in quotes", () => expect(complete("title:", 6, vmLanguage, rows).map((c) => c.text)).toEqual(['"Old web server"', '"a,b"']));
  test("it replaces what is before the caret only", () => expect(offer("st web", 2)).toEqual(["state: web", "stale: web"]));
});
