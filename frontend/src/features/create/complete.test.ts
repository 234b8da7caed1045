import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { ImageSchema } from "@/gen/limiquantix/v1/image_pb";
import { NetworkSchema } from "@/gen/limiquantix/v1/network_pb";
import { PoolSchema } from "@/gen/limiquantix/v1/storage_pb";
import type { Around } from "./complete";
import { allWrongs, complete, groupsOf } from "./complete";
import { newDraft } from "./draft";

const GiB = 1n << 30n;
const host = (name: string, state = Host_State.LIVE) => create(HostSchema, { name, state, facts: { kvm: true, cpus: 8, memoryBytes: 64n * GiB } });
const image = (h: string, name: string, size = 2n, format = "qcow2") => create(ImageSchema, { host: h, pool: "images", name, format, virtualBytes: size * GiB });
const around: Around = {
  hosts: [host("kvm1"), host("kvm2"), host("kvm3", Host_State.STALE)],
  pools: ["kvm1", "kvm2"].map((h) => create(PoolSchema, { host: h, name: "default", state: "active", availableBytes: 100n * GiB })),
  networks: [
    create(NetworkSchema, { host: "kvm1", name: "lan", active: true }), create(NetworkSchema, { host: "kvm1", name: "default", active: true }),
    create(NetworkSchema, { host: "kvm2", name: "lan", active: true }), create(NetworkSchema, { host: "kvm2", name: "default", active: false }),
  ],
  groups: groupsOf([image("kvm1", "debian"), image("kvm2", "debian"), image("kvm2", "big", 50n), image("kvm1", "cd", 1n, "iso"), image("kvm1", "aaa.iso", 1n, "iso")]),
  used: () => 0n,
};
const key = (name: string) => around.groups.find((g) => g.name === name)?.key ?? "";

test("ISOs stand behind what a disk can be based on", () => expect(around.groups.map((g) => g.name)).toEqual(["big", "debian", "aaa.iso", "cd"]));

test("takes the image of the address, and the only host that has it", () => {
  const d = complete(newDraft(), around, { image: "big" });
  expect([d.image, d.host, d.pool, d.disk, d.nics[0]?.network]).toEqual([key("big"), "kvm2", "default", 50n * GiB, "lan"]);
});

test("leaves the choice between several hosts to the user", () => expect(complete(newDraft(), around, { image: "debian" }).host).toBe(""));

test("takes the usual network of the host that was chosen", () => {
  const d = complete(newDraft("kvm1", key("debian")), around);
  expect([d.pool, d.disk, d.nics[0]?.network]).toEqual(["default", 20n * GiB, "default"]);
});

test("keeps what was chosen", () => {
  const d = { ...newDraft("kvm1", key("debian")), pool: "mine", disk: 3n * GiB, diskAuto: false, nics: [{ network: "mine", mac: "", model: "virtio" }] };
  expect(complete(d, around, { image: "big" })).toEqual(d);
});

test("without a host, its pool and networks are not asked for", () => expect(Object.keys(allWrongs(complete(newDraft(), around), around))).toEqual(["name", "image", "host"]));

test("a disk that nobody can read stays unreadable", () => expect(complete({ ...newDraft(), disk: undefined, diskAuto: false }, around).disk).toBeUndefined());

test.each([
  ["host", { host: "kvm3" }, "not reachable"],
  ["host", { host: "gone" }, "not here"],
  ["pool", { pool: "gone" }, "no pool gone on kvm1"],
  ["nics[0].network", { nics: [{ network: "gone", mac: "", model: "virtio" }] }, "no network gone on kvm1"],
  ["nics[0].network", { host: "kvm2", nics: [{ network: "default", mac: "", model: "virtio" }] }, "not active"],
])("%s is wrong there: %j", (field, change, says) => {
  const d = { ...complete({ ...newDraft("kvm1", key("debian")), name: "web1" }, around), ...change };
  const wrongs = allWrongs(d, around);
  expect(Object.keys(wrongs)).toEqual([field]);
  expect(wrongs[field]).toContain(says);
});
