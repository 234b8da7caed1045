import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renderHook } from "@testing-library/react";

import { listen, useShortcuts } from "./shortcut";

const go = vi.fn();
const list = [
  { keys: "g v", label: "VMs", group: "Go to" as const, run: () => go("vms") },
  { keys: "Ctrl+K", label: "Palette", group: "Everywhere" as const, run: () => go("palette"), always: true },
  { keys: "v", label: "View", group: "This page" as const, run: () => go("view") },
];

let stop: () => void;
beforeEach(() => {
  stop = listen(window);
  renderHook(() => useShortcuts(list));
});
afterEach(() => {
  stop();
  go.mockReset();
  document.body.replaceChildren();
});

function press(key: string, init: KeyboardEventInit = {}, on: EventTarget = document.body) {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
}

function add(tag: string, attributes: Record<string, string> = {}) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return document.body.appendChild(e);
}

test("two keys after one another", () => {
  press("g");
  press("v");
  expect(go.mock.calls).toEqual([["vms"]]);
});

test("one key alone, and with Ctrl", () => {
  press("v");
  press("k", { ctrlKey: true });
  expect(go.mock.calls).toEqual([["view"], ["palette"]]);
});

test("fields keep their keys but for those that always work", () => {
  const field = add("input");
  press("v", {}, field);
  press("k", { ctrlKey: true }, field);
  expect(go.mock.calls).toEqual([["palette"]]);
});

test("so does an editor in a shadow root", () => {
  const inside = add("div").attachShadow({ mode: "open" }).appendChild(document.createElement("textarea"));
  press("v", { composed: true }, inside);
  expect(go).not.toHaveBeenCalled();
});

test("a console keeps all keys", () => {
  press("k", { ctrlKey: true }, add("div", { "data-keys": "own" }));
  expect(go).not.toHaveBeenCalled();
});

test("a dialog keeps single keys", () => {
  add("div", { role: "dialog", "data-state": "open" });
  press("v");
  expect(go).not.toHaveBeenCalled();
});
