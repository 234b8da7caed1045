import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";

import { ErrorDetailSchema } from "@/gen/limiquantix/v1/error_pb";
import { mistakesIn, problemOf, sentence } from "./error";

test.each([
  ["there is no VM web1", "There is no VM web1"],
  ["kvm1 has no KVM", "kvm1 has no KVM"],
  ["web-2.example.org is not reachable", "web-2.example.org is not reachable"],
  ["limiquantix.example is a name", "limiquantix.example is a name"],
  ["canceled", "Canceled"],
  ["VM web1 runs", "VM web1 runs"],
  ["", ""],
])("%j is told as %j", (text, want) => expect(sentence(text)).toBe(want));

test("all mistakes of a request are found at their fields", () => {
  const wrong = (field: string, message: string) => ({ code: "invalid", message, detail: { field } });
  const problem = problemOf(new ConnectError("no", Code.InvalidArgument, undefined, [
    { desc: ErrorDetailSchema, value: create(ErrorDetailSchema, { ...wrong("user", "it is long"), also: [wrong("keys[1]", "it is cut off"), wrong("keys[3]", "it is old"), wrong("keysize", "no")] }) },
  ]));
  expect(mistakesIn(problem, "user").map((p) => p.message)).toEqual(["It is long"]);
  expect(mistakesIn(problem, "keys").map((p) => p.message)).toEqual(["It is cut off", "It is old"]);
  expect(mistakesIn(problem, "password")).toEqual([]);
  expect(mistakesIn(undefined, "user")).toEqual([]);
});
