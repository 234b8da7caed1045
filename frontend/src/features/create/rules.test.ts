import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";

import { ImageSchema } from "@/gen/limiquantix/v1/image_pb";
import { type Draft, cloudInitOf, groupImages, imageKey, imageOn, loadDraft, newDraft, requestOf, saveDraft } from "./draft";
import { checkHostname, checkUser, checkUserData, fieldLabel, hostnameOf, stepOf, withoutPlace, wrongsOf } from "./rules";
import { summaryOf } from "./summary";

const GiB = 1n << 30n;
const image = (host: string, name = "debian.qcow2", format = "qcow2", pool = "default") => create(ImageSchema, { host, pool, name, format, virtualBytes: 2n * GiB });
const [group] = groupImages([image("kvm1"), image("kvm2")]);
const good: Draft = { ...newDraft("kvm1", imageKey(image("kvm1"))), name: "web1", pool: "default", disk: 10n * GiB, nics: [{ network: "default", mac: "", model: "virtio" }] };

test("a good draft has nothing wrong", () => expect(wrongsOf(good, group)).toEqual({}));

test.each<[string, Partial<Draft>, string]>([
  ["name", { name: "" }, "name"],
  ["name", { name: "日".repeat(12) }, "33 bytes"],
  ["title", { title: "a\nb" }, "line breaks"],
  ["image", { image: "" }, "Choose"],
  ["host", { host: "" }, "Choose"],
  ["pool", { pool: "" }, "Choose"],
  ["vcpus", { vcpus: 0 }, "4096"],
  ["vcpus", { vcpus: undefined }, "4096"],
  ["memory_bytes", { memory: 1n << 20n }, "16 MiB"],
  ["memory_bytes", { memory: undefined }, "size"],
  ["disk_bytes", { disk: GiB }, "2 GiB"],
  ["disk_bytes", { disk: undefined }, "size"],
  ["nics[0].network", { nics: [{ network: "", mac: "", model: "virtio" }] }, "Choose"],
  ["nics[0].mac", { nics: [{ network: "a", mac: "x", model: "virtio" }] }, "52:54"],
  ["nics[1].mac", { nics: ["52:54:00:00:00:0a", "52:54:00:00:00:0A"].map((mac) => ({ network: "a", mac, model: "virtio" })) }, "Another"],
  ["cloud_init.hostname", { hostname: "-web" }, "Letters"],
  ["cloud_init.user", { user: "Ada" }, "small letter"],
  ["cloud_init.password", { password: "a\u0007" }, "control"],
  ["cloud_init.ssh_keys", { keys: "nonsense" }, "One line"],
  ["cloud_init.user_data", { userData: "packages: [vim]" }, "#cloud-config"],
])("%s is wrong, case %#", (field, change, says) => {
  const wrongs = wrongsOf({ ...good, ...change }, group);
  expect(Object.keys(wrongs)).toEqual([field]);
  expect(wrongs[field]).toContain(says);
  expect(stepOf(field)).toBeDefined();
  expect(fieldLabel(field)).toMatch(/^[A-Zv]/); // a name of its own
});

test.each([["nics[1].mac", "MAC address of card 2"], ["memory_bytes", "Memory"], ["cloud_init.ssh_keys[2]", "SSH keys, line 3"], ["uuid", "uuid"]])(
  "the field %s is called %s", (field, want) => expect(fieldLabel(field)).toBe(want));

test.each([["kvm1", ["lan"], "lan"], ["kvm1", ["lan", ""], "lan, not chosen"], ["kvm1", [""], "Not chosen"], ["", [""], "The host's usual one"]])(
  "on host %j the networks %j are in short: %s", (host, networks, want) => expect(summaryOf("network", { ...good, host, nics: networks.map((network) => ({ network, mac: "", model: "virtio" })) }, group)).toBe(want));

test("without a seed, its fields do not matter", () => expect(wrongsOf({ ...good, seed: false, user: "Ada", keys: "x" }, group)).toEqual({}));
test("no disk is based on an ISO", () => expect(wrongsOf(good, groupImages([image("kvm1", "a.iso", "iso")])[0]).image).toContain("ISO"));
test("an image that is gone is to be chosen again", () => expect(wrongsOf(good, undefined).image).toContain("not there"));
test("stepOf knows no step of other fields", () => expect(stepOf("uuid")).toBeUndefined());

test.each(["", "web1", "web1.example.org", "A1", "a".repeat(63)])("the host name %s is right", (n) => expect(checkHostname(n)).toBeUndefined());
test.each(["-a", "a-", "a..b", "a_b", "a b", "ä", "a".repeat(64), "a.".repeat(127) + "a", "."])("the host name %s is refused", (n) => expect(checkHostname(n)).toBeDefined());
test.each(["", "ada", "_a", "a-1_b", "a".repeat(32)])("the user %s is right", (u) => expect(checkUser(u)).toBeUndefined());
test.each(["Ada", "1a", "a b", "a".repeat(33), "ada$"])("the user %s is refused", (u) => expect(checkUser(u)).toBeDefined());
test.each([["", true], ["#cloud-config\na: 1", true], ["\ufeff#cloud-config  \n", true], ["#!/bin/sh", false], ["a: 1", false]])(
  "the user-data %j begins right: %s", (t, fine) => expect(checkUserData(t) === undefined).toBe(fine));

test.each([
  ["The user-data is not valid YAML: line 3: mapping values are not allowed", "mapping values are not allowed"],
  ["The network-config is not right: line 2: config must be a list", "config must be a list"],
  ["The user-data is a script, which cannot be merged", "The user-data is a script, which cannot be merged"],
])("where its line is told, %s is %s", (message, want) => expect(withoutPlace(message)).toBe(want));

// As core/vm's hostnameFrom.
test.each([["Web 1", "web-1"], ["web_1.example", "web-1-example"], ["日本語", "vm"], ["--a--", "a"], ["GRÖSSE", "grsse"], ["x".repeat(70), "x".repeat(63)]])(
  "the host name of %s is %s", (name, want) => expect(hostnameOf(name)).toBe(want));

describe("the request", () => {
  test("names the image with its pool", () => {
    const req = requestOf(good, imageOn(group, "kvm2", "default"));
    expect(req).toMatchObject({ name: "web1", host: "kvm1", image: "default/debian.qcow2", diskBytes: 10n * GiB, start: true });
  });
  test("has no cloud-init where none is wanted", () => expect(requestOf({ ...good, seed: false }, undefined).cloudInit).toBeUndefined());
  test("takes keys line by line, and leaves out what is blank", () =>
    expect(cloudInitOf({ ...good, keys: "\n a \n#x\nb", userData: " \n" })).toMatchObject({ sshKeys: ["a", "b"], userData: "" }));
});

describe("images", () => {
  test("are one where name, format and size agree", () => {
    const groups = groupImages([image("kvm2", "b"), image("kvm1", "a"), image("kvm2", "a"), image("kvm3", "a", "raw")]);
    expect(groups.map((g) => [g.name, g.format, g.at.length])).toEqual([["a", "qcow2", 2], ["a", "raw", 1], ["b", "qcow2", 1]]);
  });
  test("are taken from the pool of the disk first", () => {
    const [g] = groupImages([image("kvm1", "a", "qcow2", "iso"), image("kvm1", "a", "qcow2", "fast")]);
    expect(imageOn(g, "kvm1", "fast")?.pool).toBe("fast");
    expect(imageOn(g, "kvm1", "other")?.pool).toBe("iso");
    expect(imageOn(g, "kvm9", "fast")).toBeUndefined();
  });
});

describe("a draft", () => {
  test("is kept without its password", () => {
    saveDraft({ ...good, password: "secret" }, sessionStorage);
    expect(JSON.stringify({ ...sessionStorage })).not.toContain("secret");
    expect(loadDraft(sessionStorage)).toEqual(good);
  });
  test.each(["", "{", "[]", "1", "null", '{"name":1}', '{"name":"a","nics":1}'])("that is kept as %j is none", (text) => {
    sessionStorage.setItem("limiquantix.create", text);
    expect(loadDraft(sessionStorage)).toBeUndefined();
  });
});
