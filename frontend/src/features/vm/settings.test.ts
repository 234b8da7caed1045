import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMSchema } from "@/gen/limiquantix/v1/vm_pb";
import { changeOf, checkSettings } from "./settings";

test.each([
  [{}, []],
  [{ title: "Web شبكة", vcpus: "4", memory: "4G" }, []],
  [{ title: "two\nlines" }, ["title"]],
  [{ vcpus: "0" }, ["vcpus"]],
  [{ vcpus: "5000" }, ["vcpus"]],
  [{ vcpus: "1.5" }, ["vcpus"]],
  [{ vcpus: "" }, ["vcpus"]],
  [{ memory: "lots" }, ["memory_bytes"]],
  [{ memory: "1023 KiB" }, ["memory_bytes"]],
  [{ memory: "512" }, []],
])("checkSettings(%j) finds %j", (s, want) => expect(Object.keys(checkSettings(s))).toEqual(want));

const GiB = 1n << 30n;
test.each([
  ["64 GiB", 64n, 4n, []],
  ["65 GiB", 64n, 4n, ["memory_bytes"]],
  ["900 TiB", 64n, 4n, ["memory_bytes"]],
  ["96 GiB", 64n, 96n, []], // as it is
  ["900 TiB", 0n, 4n, []], // nobody knows what the host has
])("memory of %s, where the host has %d GiB and the VM %d: wrong is %j", (memory, has, had, want) =>
  expect(Object.keys(checkSettings({ memory }, { host: "kvm1", vcpus: 0, memory: has * GiB, had: had * GiB }))).toEqual(want));

test.each([["288", 288, undefined], ["289", 288, "from 1 to 288"], ["289", 0, undefined]])("%s vCPUs, where a VM can have %d: %s", (vcpus, most, says) => {
  const { vcpus: wrong } = checkSettings({ vcpus }, { host: "kvm1", vcpus: most, memory: 0n, had: 0n });
  expect(says === undefined ? wrong : wrong?.includes(says)).toBe(says === undefined ? undefined : true);
});

test("only what differs is asked for", () => {
  const vm = create(VMSchema, { title: "Web", vcpus: 2, memoryBytes: 4n << 30n, autostart: true });
  expect(changeOf({ title: "Web", vcpus: "2", memory: "4096 MiB", autostart: true }, vm)).toEqual({});
  expect(changeOf({ title: "", vcpus: "4", memory: "8G", autostart: false }, vm)).toEqual({ title: "", vcpus: 4, memoryBytes: 8n << 30n, autostart: false });
});
