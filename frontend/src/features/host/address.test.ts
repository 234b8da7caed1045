import { expect, test } from "vitest";

import { checkAddress, splitList, suggestName } from "./address";

test.each(["local", "kvm1", "root@kvm1", "ssh://root@kvm1.example.org:2222", "ssh://kvm1/", "root@[2001:db8::1]:22", "2001:db8::1", "[::1]", " root@10.0.0.5 ", "a@b@host", "größe.example"])(
  "the address %s is right", (a) => expect(checkAddress(a)).toBeUndefined());

test.each([
  ["", "address"], ["-oProxyCommand=id", "begin"], ["root@kvm1 -p 22", "characters"], ["$(id)", "characters"], ["a;b", "characters"], ["a\u202eb", "characters"],
  ["http://kvm1", "ssh://"], ["ssh://kvm1/path", "follow"], ["ssh://kvm1?x=1", "follow"], ["@kvm1", "user"], ["ssh://root:pw@kvm1", "password"],
  ["kvm1:0", "port"], ["kvm1:99999", "port"], ["kvm1:ssh", "port"], ["root@", "host"], ["ho*st", "characters"], ["x".repeat(513), "512"],
])("the address %j is refused: %s", (a, says) => expect(checkAddress(a)).toContain(says));

test.each([
  ["ssh://root@kvm1.example.org:22", [], "kvm1"], ["root@10.0.0.5", [], "10.0.0.5"], ["kvm1", ["kvm1"], "kvm1-2"], ["kvm1", ["kvm1", "kvm1-2"], "kvm1-3"],
  ["root@[2001:db8::1]:22", [], "2001:db8::1"], ["local", [], "local"], ["a b", [], ""], ["", [], ""],
])("%s, with %j taken, suggests the name %s", (a, taken, want) => expect(suggestName(a, taken)).toBe(want));

test("splitList", () => expect(splitList(" a, b\nc  ")).toEqual(["a", "b", "c"]));
