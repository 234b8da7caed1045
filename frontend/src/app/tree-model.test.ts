import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { treeRows } from "./tree-model";

const host = (name: string, cluster = "", state = Host_State.LIVE) => create(HostSchema, { name, cluster, state });
const vm = (h: string, name: string) => create(VMSchema, { host: h, name, uuid: name, state: VM_State.RUNNING });
const none = new Set<string>();
const labels = (rows: ReturnType<typeof treeRows>) => rows.map((r) => "  ".repeat(r.depth) + r.label);

const hosts = [host("a1", "east"), host("a2", "east", Host_State.STALE), host("b1")];
const vms = [vm("a1", "web1"), vm("a1", "db1"), vm("b1", "web2")];

test("hosts stand in their clusters, those without one last", () => {
  expect(labels(treeRows(hosts, vms, none, none, ""))).toEqual(["east", "  a1", "  a2", "b1"]);
});
test("an open host shows its VMs, a closed cluster nothing", () => {
  expect(labels(treeRows(hosts, vms, none, new Set(["host:b1"]), ""))).toEqual(["east", "  a1", "  a2", "b1", "  web2"]);
  expect(labels(treeRows(hosts, vms, new Set(["cluster:east"]), none, ""))).toEqual(["east", "b1"]);
});
test("a filter shows what matches with all above it", () => {
  expect(labels(treeRows(hosts, vms, none, none, "WEB"))).toEqual(["east", "  a1", "    web1", "b1", "  web2"]);
});
test("a host that matches is shown alone", () => expect(labels(treeRows(hosts, vms, none, none, "a2"))).toEqual(["east", "  a2"]));
test("a cluster tells of its worst host", () => expect(treeRows(hosts, vms, none, none, "")[0]?.word).toBe("1 of 2 hosts not reachable"));
test("without clusters hosts are outermost", () => expect(labels(treeRows([host("x")], [], none, none, ""))).toEqual(["x"]));
