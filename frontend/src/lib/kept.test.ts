import { expect, test } from "vitest";

import { Kept } from "./kept";

const row = (host: string, name = "default") => ({ host, name });
const hosts = ["a", "b"];

test("what a host told stays while it is away, and is new when it is back", () => {
  const kept = new Kept<ReturnType<typeof row>>();
  expect(kept.with(hosts, hosts, hosts, [row("a"), row("b")])).toEqual({ all: [row("a"), row("b")], old: new Set() });
  expect(kept.with(hosts, ["a"], ["a"], [row("a", "x")])).toEqual({ all: [row("a", "x"), row("b")], old: new Set(["b"]) });
  expect(kept.with(hosts, hosts, hosts, [row("a", "x")])).toEqual({ all: [row("a", "x")], old: new Set() });
});

test("while live hosts are asked again, theirs are not of before", () => {
  const kept = new Kept<ReturnType<typeof row>>();
  kept.with(hosts, hosts, hosts, [row("a"), row("b")]);
  expect(kept.with(hosts, [], ["a"], []).old).toEqual(new Set(["b"]));
});

test("a host that was removed takes its own along", () => {
  const kept = new Kept<ReturnType<typeof row>>();
  kept.with(hosts, hosts, hosts, [row("a"), row("b")]);
  expect(kept.with(["a"], ["a"], ["a"], [row("a")]).all).toEqual([row("a")]);
  expect(kept.with(hosts, ["a"], ["a"], [row("a")]).all).toEqual([row("a")]);
});

test("a host that did not tell, and never has, has nothing to show", () => {
  const kept = new Kept<ReturnType<typeof row>>();
  expect(kept.with(hosts, ["a"], hosts, [row("a")])).toEqual({ all: [row("a")], old: new Set() });
});
