import { expect, test } from "vitest";

import { markOf } from "./xml-check";

test.each([
  "<domain type='kvm'>\n  <name>a</name>\n  <on/>\n</domain>\n",
  "<?xml version='1.0'?>\n<!-- <b> -->\n<domain><title>a &lt; b</title><x a='>' b=\"</y>\"/></domain>",
  "<domain><qemu:commandline xmlns:qemu='x'><qemu:arg value='-s'/></qemu:commandline><![CDATA[<b>]]></domain>",
])("%j is fine", (xml) => expect(markOf(xml)).toBeUndefined());

test.each([
  ["<domain>\n<name>a</nam>\n</domain>", 2, "closes <name> of line 2"],
  ["<domain>\n<a>\n", 2, "<a> is never closed"],
  ["<domain/>\n<domain/>", 2, "stands beside"],
  ["<network/>", 1, "begins with <domain>"],
  ["<domain>\n<a b='c>\n</domain>", 2, "begins nothing"],
  ["<!DOCTYPE domain [<!ENTITY a 'b'>]>\n<domain/>", 1, ""],
  ["<domain>\n<!-- x\n</domain>", 2, "never closed"],
  ["</domain>", 1, "closes nothing"],
  ["", 1, "no <domain>"],
])("%j: line %s", (xml, line, message) => {
  const mark = markOf(xml);
  expect(mark?.line).toBe(line);
  expect(mark?.message).toContain(message);
});

test("a long hostile text is read soon", () => expect(markOf("<domain " + "a='".repeat(40_000))).toBeDefined());
