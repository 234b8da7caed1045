import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { focusPage } from "./page-focus";

/** put adds an element with these attributes. */
function put(parent: Element, tag: string, attributes: Record<string, string> = {}): HTMLElement {
  const element = parent.appendChild(document.createElement(tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

let main: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame"] });
  document.body.replaceChildren();
  put(document.body, "button", { id: "nav" }).focus();
  main = put(document.body, "main", { id: "main", tabindex: "-1" });
  location.hash = "#/hosts";
});
afterEach(() => void vi.useRealTimers());

const frames = (n: number) => vi.advanceTimersByTime(n * 16);
const at = () => document.activeElement?.id;

test.each<[string, () => void, string]>([
  ["to the first row of the table", () => put(put(main, "div", { role: "grid" }), "div", { role: "row", tabindex: "0", id: "row" }), "row"],
  ["to the page where there is no table", () => put(main, "h1"), "main"],
  ["not out of a field that the page chose", () => put(main, "input", { id: "field" }).focus(), "field"],
  ["not out of a dialog", () => put(document.body, "div", { role: "dialog" }), "nav"],
])("the keyboard goes %s", (_, page, want) => {
  focusPage(location.hash);
  frames(5);
  location.hash = "#/vms";
  page();
  frames(100);
  expect(at()).toBe(want);
});

test("where the address stays, nothing moves", () => {
  focusPage(location.hash);
  frames(100);
  expect(at()).toBe("nav");
});
