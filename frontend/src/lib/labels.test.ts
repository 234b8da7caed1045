import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMSchema } from "@/gen/limiquantix/v1/vm_pb";
import { above, checkFieldName, checkTag, checkVMFolder, foldersOf, TAG_COLOURS, tagColour, tagsOf, webLink } from "./labels";

const vm = (folder: string, ...tags: string[]) => create(VMSchema, { folder, tags });

test("a tag has one colour, and another when somebody chose it", () => {
  for (const tag of ["web", "", "ümläut-日本", "__proto__", "x".repeat(64)]) {
    const n = tagColour(tag, {});
    expect(n).toBe(tagColour(tag, {}));
    expect(n >= 1 && n <= TAG_COLOURS).toBe(true);
  }
  expect(tagColour("web", { web: 3 })).toBe(3);
  expect(tagColour("web", { web: 99 })).toBe(tagColour("web", {}));
});

test("labels are counted", () => {
  const vms = [vm("/a/b", "web", "prod"), vm("/a", "web"), vm("")];
  expect(tagsOf(vms)).toEqual([{ name: "prod", vms: 1 }, { name: "web", vms: 2 }]);
  expect(foldersOf(vms)).toEqual([{ name: "/a", vms: 2 }, { name: "/a/b", vms: 1 }]);
  expect(above("/a/b/c")).toEqual(["/a", "/a/b", "/a/b/c"]);
});

test.each([
  ["web", true], ["", false], ["a,b", false], ["a\u202eb", false], ["x".repeat(65), false], ["שלום", true], ["<img src=x onerror=alert(1)>", true],
])("tag %s", (tag, fine) => expect(checkTag(tag) === undefined).toBe(fine));

test.each([["/prod/web", true], ["", true], ["/", true], ["/a/../b", false], ["/a\u0007", false]])("folder %s", (f, fine) => expect(checkVMFolder(f) === undefined).toBe(fine));

test.each([["owner", true], ["", false], ["a=b", false], ["cost centre", true]])("field %s", (f, fine) => expect(checkFieldName(f) === undefined).toBe(fine));

test.each([
  ["https://example.org/x?a=1", "https://example.org/x?a=1"], ["javascript:alert(1)", undefined], ["data:text/html,x", undefined], ["example.org", undefined], ["", undefined],
])("link %s", (text, href) => expect(webLink(text)).toBe(href));
