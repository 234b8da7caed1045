import { expect } from "@playwright/test";

import { go, test } from "./page";

// On a real host with some hundred VMs whose names, titles, notes and paths
// were made to do harm. The fixture fails on any error, dialog or script.

const total = Number(process.env.LIMIQUANTIX_VMS);

test("no view runs what a name brings along, nothing breaks", async ({ app }) => {
  test.setTimeout(300_000);
  await go(app, "/vms");
  const grid = app.getByRole("grid", { name: /VMs/ });
  await expect(grid).toHaveAttribute("aria-rowcount", String(total + 1));
  const title = await app.title();

  // The list, scrolled through.
  await grid.focus();
  for (let i = 0; i < 30; i++) await app.keyboard.press("PageDown");

  // Every page of some of them, by their links: the addresses hold no name.
  const hrefs = new Set<string>();
  for (let i = 0; i < 12; i++) {
    for (const href of await grid.getByRole("link").evaluateAll((links) => links.map((a) => a.getAttribute("href") ?? ""))) hrefs.add(href);
    await app.keyboard.press("PageUp");
    await app.keyboard.press("PageUp");
    await app.waitForTimeout(30);
  }
  const some = [...hrefs].filter((h) => h.startsWith("#/vms/")).slice(0, 60);
  expect(some.length).toBeGreaterThan(30);
  for (const [i, href] of some.entries()) {
    const tab = ["", "/hardware", "/xml", "/events", "/notes"][i % 5];
    await go(app, href.slice(1) + tab);
    await expect(app.getByRole("main").getByRole("heading").first()).toBeVisible();
  }

  // Tree, search, palette, wall, dashboard.
  await app.getByRole("treeitem", { name: /^kvm1/ }).press("ArrowRight");
  await app.getByRole("textbox", { name: "Filter the inventory" }).fill("<img");
  await expect(app.getByRole("treeitem", { name: /<img/ }).first()).toBeVisible();
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill("start <script>");
  await expect(app.getByRole("option", { name: /Start <script>/ }).first()).toBeVisible();
  await app.keyboard.press("Escape");
  for (const route of ["/wall", "/", "/events", "/tasks", "/hosts/kvm1", "/hosts/kvm1/vms"]) {
    await go(app, route);
    await app.waitForTimeout(400);
  }

  // A plan about one of them names it as text.
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill("delete <img src=x");
  await app.getByRole("option", { name: /Delete <img/ }).first().click();
  await expect(app.getByRole("dialog").getByText(/<img src=x onerror=/).first()).toBeVisible();
  await app.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

  expect(await app.title()).toBe(title);
  expect(await app.locator("img[src=x], script:not([src]), h1:has-text('pwned')").count()).toBe(0);
});
