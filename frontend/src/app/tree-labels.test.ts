import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { folderRows, tagRows } from "./tree-labels";

const vm = (name: string, folder: string, ...tags: string[]) => create(VMSchema, { host: "h", name, uuid: name, folder, tags, state: VM_State.RUNNING });
const vms = [vm("web2", "/prod/web", "web"), vm("web1", "/prod/web", "web", "old"), vm("db", "/prod"), vm("x", "/prod b"), vm("loose", "")];
const lines = (rows: ReturnType<typeof folderRows>) => rows.map((r) => `${"  ".repeat(r.depth)}${r.label}${r.count === undefined ? "" : ` ${r.count}`}`);

test("folders are closed at first; what is in none comes last", () =>
  expect(lines(folderRows(vms, new Set(), undefined))).toEqual(["prod 3", "prod b 1", "Without a folder 1"]));

test("an open folder shows its VMs and folders", () => {
  const open = new Set(["folder:/prod", "folder:/prod/web"]);
  expect(lines(folderRows(vms, open, undefined))).toEqual(["prod 3", "  db", "  web 2", "    web1", "    web2", "prod b 1", "Without a folder 1"]);
});

test("a folder within a closed one is not shown", () =>
  expect(lines(folderRows(vms, new Set(["folder:/prod/web"]), undefined))).toEqual(["prod 3", "prod b 1", "Without a folder 1"]));

test("a filter opens all that is left", () =>
  expect(lines(folderRows(vms, new Set(), (v) => v.name === "web1"))).toEqual(["prod 1", "  web 1", "    web1"]));

test("a VM with two tags stands there twice, each line with its own id", () => {
  const rows = tagRows(vms, new Set(["tag:old", "tag:web"]), undefined);
  expect(lines(rows)).toEqual(["old 1", "  web1", "web 2", "  web1", "  web2", "Without a tag 3"]);
  expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length);
});

test("each group asks for what is in it", () => {
  const of = (rows: ReturnType<typeof folderRows>) => rows.map((r) => r.query);
  expect(of(folderRows(vms, new Set(), undefined))).toEqual(["folder:/prod", 'folder:"/prod b"', 'folder:""']);
  expect(of(tagRows(vms, new Set(), undefined))).toEqual(["tag:old", "tag:web", "-has:tag"]);
});
