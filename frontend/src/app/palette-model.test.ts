import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { FoundSchema } from "@/gen/limiquantix/v1/search_pb";
import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { actsMeant, paletteEntries, type Entry } from "./palette-model";

const hosts = [create(HostSchema, { name: "kvm1", state: Host_State.LIVE })];
const vms = ["web1", "web2", "db1"].map((name) => create(VMSchema, { host: "kvm1", name, uuid: name, state: VM_State.RUNNING }));
const doors = { openVM: () => undefined, openHost: () => undefined, open: () => undefined };
const fixed: Entry[] = [{ id: "page:hosts", label: "Hosts", note: "", group: "Pages", run: () => undefined }];
const ask = (typed: string, more: { recent?: string[]; shown?: (typeof vms)[number] } = {}) => paletteEntries(typed, { vms, hosts, fixed, recent: [], doors, ...more }).map((e) => e.label);

test("a name finds its VM first", () => expect(ask("web2")[0]).toBe("web2"));
test("a host and a page", () => expect([ask("kvm")[0], ask("hosts")[0]]).toEqual(["kvm1", "Hosts"]));
test("an act before a name", () => expect(ask("pause web")).toEqual(expect.arrayContaining(["Pause web1", "Pause web2"])));
test("an act alone is for what is shown", () => expect(ask("reb", { shown: vms[2] })[0]).toBe("Reboot db1"));
test("nothing typed offers the last ones first", () => expect(ask("", { recent: ["vm:kvm1/db1", "host:kvm1", "vm:gone/x"] }).slice(0, 3)).toEqual(["db1", "kvm1", "Hosts"]));
test("what a query found comes first, what a word found behind what is near", () => {
  const searched = [create(FoundSchema, { kind: "network", host: "kvm1", id: "default", name: "default", text: "active" }), create(FoundSchema, { kind: "vm", host: "kvm1", id: "db1", name: "db1" })];
  expect(paletteEntries("ip:10.0.0.0/8", { vms, hosts, fixed, recent: [], searched, doors }).map((e) => e.label)).toEqual(["default", "db1"]);
  expect(paletteEntries("db1", { vms, hosts, fixed, recent: [], searched, doors }).map((e) => e.label)).toEqual(["db1", "default"]);
});
test("what cannot be done now says why", () => {
  const start = paletteEntries("start web1", { vms, hosts, fixed, recent: [], doors }).find((e) => e.label === "Start web1");
  expect(start?.disabled).toBe("It is not stopped");
});

test.each([
  ["stop web1", [["stop", "web1"]]],
  ["power off web 1", [["stop", "web 1"]]],
  ["shut down", [["shutdown", ""]]],
  ["rest", [["reboot", ""]]],
  ["web1", []],
])("%j means %j", (typed, want) => expect(actsMeant(typed).map((a) => [a.id, a.name])).toEqual(want));
