import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HistoryObjectSchema, PastDifferenceSchema } from "@/gen/limiquantix/v1/history_pb";
import { byWhom, differenceText, objectHref, pastState } from "./past";

test.each([
  [{ change: "found", task: "", actor: "" }, ""],
  [{ change: "started", task: "", actor: "" }, "another"],
  [{ change: "started", task: "1", actor: "alice" }, "alice"],
  [{ change: "started", task: "1", actor: "" }, "us"],
])("%o is by %s", (c, want) => expect(byWhom(c)).toBe(want));

test.each([
  ["running", "running", "running"],
  ["shutting-down", "transient", "shutting down"],
  ["", "unknown", "unknown"],
  ["<b>", "unknown", "<b>"],
])("state %s", (state, kind, word) => expect(pastState(state)).toEqual({ kind, word }));

const past = (name: string, state: string) => ({ object: { name }, state });

test.each([
  [{ after: past("a", "running") }, "is new"],
  [{ before: past("a", "running") }, "is gone"],
  [{ before: past("a", "running"), after: past("b", "stopped"), configured: true }, "was called a; was running, is stopped; is configured otherwise"],
])("%o: %s", (d, want) => expect(differenceText(create(PastDifferenceSchema, d))).toBe(want));

test("a hostile name is one part of an address", () => {
  expect(objectHref(create(HistoryObjectSchema, { kind: "pool", host: "kvm1", name: "../<img src=x>?#" }))).toBe("#/storage/kvm1/..%2F%3Cimg%20src%3Dx%3E%3F%23");
  expect(objectHref(create(HistoryObjectSchema, { kind: "cluster" }))).toBeUndefined();
});
