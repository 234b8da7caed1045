import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { ImageSchema } from "@/gen/limiquantix/v1/image_pb";
import { PoolSchema } from "@/gen/limiquantix/v1/storage_pb";
import { groupImages, newDraft } from "./draft";
import { bestPool, placesOf, poolsOf } from "./place";

const GiB = 1n << 30n;
const host = (name: string, state = Host_State.LIVE, facts: { kvm?: boolean; uefi?: boolean; cpus?: number; maxVcpus?: number; memoryBytes?: bigint } = {}) =>
  create(HostSchema, { name, state, reason: state === Host_State.LIVE ? "" : "connection refused", facts: { kvm: true, uefi: true, cpus: 8, memoryBytes: 16n * GiB, ...facts } });
const pool = (h: string, name = "default", state = "active", free = 100n) => create(PoolSchema, { host: h, name, state, availableBytes: free * GiB });
const [image] = groupImages(["kvm1", "kvm2", "kvm3"].map((h) => create(ImageSchema, { host: h, pool: "default", name: "debian", format: "qcow2", virtualBytes: 2n * GiB })));
const draft = { ...newDraft("kvm1"), disk: 10n * GiB };

test("says of each host why not, and puts these last", () => {
  const hosts = [host("away", Host_State.STALE), host("bare"), host("kvm2"), host("kvm1")];
  const places = placesOf(draft, image, hosts, [pool("kvm1"), pool("kvm2"), pool("away"), pool("bare")], () => 0n);
  expect(places.map((p) => [p.host.name, p.not])).toEqual([
    ["kvm1", undefined], ["kvm2", undefined],
    ["away", "Host away is not reachable: connection refused"], ["bare", "Image debian is not on it"],
  ]);
});

test.each([
  ["no pool", {}, [pool("kvm1", "default", "inactive")], {}, "no active pool"],
  ["too little memory", { memory: 32n * GiB }, [pool("kvm1")], {}, "16 GiB of memory"],
  ["too few vCPUs", { vcpus: 289 }, [pool("kvm1")], { maxVcpus: 288 }, "at most 288 vCPUs"],
  ["no UEFI", { uefi: true }, [pool("kvm1")], { uefi: false }, "UEFI"],
])("refuses a host for %s", (_, change, pools, facts, says) =>
  expect(placesOf({ ...draft, ...change }, image, [host("kvm1", Host_State.LIVE, facts)], pools, () => undefined)[0]?.not).toContain(says));

test.each([
  [{ kvm: false }, 0n, "emulated"],
  [{ cpus: 1 }, 0n, "2 vCPUs on 1 CPUs"],
  [{}, 15n * GiB, "1 GiB of memory is free"],
  [{}, 99n * GiB, "0 B of memory is free"],
])("warns of a host with %j", (facts, used, says) => {
  const [place] = placesOf(draft, image, [host("kvm1", Host_State.LIVE, facts)], [pool("kvm1")], () => used);
  expect(place?.not).toBeUndefined();
  expect(place?.but.join()).toContain(says);
});

test("warns of nothing where all is well or unknown", () =>
  expect(placesOf(draft, image, [host("kvm1")], [pool("kvm1")], () => undefined)[0]?.but).toEqual([]));

test("judges pools", () => {
  const [full, off] = poolsOf(draft, image, [pool("kvm1", "full", "active", 5n), pool("kvm1", "off", "inactive"), pool("kvm2")]);
  expect(full?.but).toContain("5 GiB is free");
  expect(off?.not).toBe("It is inactive");
});

test.each([
  [[pool("kvm1", "a"), pool("kvm1")], "default"],
  [[pool("kvm1", "a", "active", 1n), pool("kvm1", "b", "active", 2n)], "b"],
  [[pool("kvm1", "default", "inactive"), pool("kvm1", "a")], "a"],
  [[pool("kvm2")], ""],
])("the best of the pools", (pools, want) => expect(bestPool("kvm1", image, pools)).toBe(want));
