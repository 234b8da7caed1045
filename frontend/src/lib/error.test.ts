import { expect, test } from "vitest";

import { sentence } from "./error";

test.each([
  ["there is no VM web1", "There is no VM web1"],
  ["kvm1 has no KVM", "kvm1 has no KVM"],
  ["web-2.example.org is not reachable", "web-2.example.org is not reachable"],
  ["limiquantix.example is a name", "limiquantix.example is a name"],
  ["canceled", "Canceled"],
  ["VM web1 runs", "VM web1 runs"],
  ["", ""],
])("%j is told as %j", (text, want) => expect(sentence(text)).toBe(want));
