import { expect, test } from "vitest";

import { keeping } from "./storage";

const forbidden = () => {
  throw new DOMException("denied", "SecurityError");
};
const full = (): Storage => ({ ...emptyStorage(), getItem: (k) => (k === "old" ? "1" : null), setItem: forbidden, old: "1" });
const emptyStorage = (): Storage => ({ length: 0, clear: () => undefined, key: () => null, getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

test.each([
  ["forbidden", forbidden],
  ["full", full],
])("a storage that is %s keeps as long as the page", (_, find) => {
  const kept = keeping(find);
  expect(kept.getItem("a")).toBeNull();
  kept.setItem("a", "1");
  kept.setItem("old", "2");
  expect([kept.getItem("a"), kept.getItem("old"), kept.keys().includes("a")]).toEqual(["1", "2", true]);
  kept.removeItem("a");
  expect(kept.getItem("a")).toBeNull();
});

test("a storage that works is what counts", () => {
  const kept = keeping(() => sessionStorage);
  kept.setItem("a", "1");
  expect(sessionStorage.getItem("a")).toBe("1");
  sessionStorage.setItem("a", "2"); // by another
  expect(kept.getItem("a")).toBe("2");
  expect(kept.keys()).toContain("a");
});
