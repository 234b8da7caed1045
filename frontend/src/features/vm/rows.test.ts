import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema } from "@/gen/limiquantix/v1/host_pb";
import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { Rows } from "./rows";

const hosts = [create(HostSchema, { name: "kvm1", cluster: "prod" })];
const vm = (uuid: string, more: object = {}) => create(VMSchema, { host: "kvm1", uuid, name: uuid, state: VM_State.RUNNING, ...more });

test("a list read anew that says the same gives the very same rows", () => {
  const rows = new Rows();
  const first = rows.of([vm("a"), vm("b", { addresses: [{ ip: "10.0.0.1" }] })], hosts);
  expect(rows.of([vm("a"), vm("b", { addresses: [{ ip: "10.0.0.1" }] })], [...hosts])).toBe(first);
  expect(first[0]).toMatchObject({ key: "kvm1/a", cluster: "prod" });
});

test.each([
  ["state", { state: VM_State.STOPPED }],
  ["name", { name: "z" }],
  ["address", { addresses: [{ ip: "10.0.0.2" }] }],
  ["stale", { stale: true }],
])("a changed %s changes that row alone", (_, change) => {
  const rows = new Rows();
  const [a, b] = rows.of([vm("a"), vm("b")], hosts);
  const [a2, b2] = rows.of([vm("a"), vm("b", change)], hosts);
  expect(a2).toBe(a);
  expect(b2).not.toBe(b);
});

test("a row follows its host's cluster", () => {
  const rows = new Rows();
  const vms = [vm("a")];
  rows.of(vms, hosts);
  expect(rows.of(vms, [create(HostSchema, { name: "kvm1", cluster: "lab" })])[0]?.cluster).toBe("lab");
});
