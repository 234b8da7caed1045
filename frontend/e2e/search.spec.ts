import { expect, type Page } from "@playwright/test";

import { go, picture, test } from "./page";

// One language in the table's box, the tree and the palette, and views under names.

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });
const box = (p: Page) => p.getByRole("combobox", { name: "Filter VMs" });
const names = (p: Page) => grid(p).getByRole("link");

test("fields, groups and sizes find; values are offered with counts", async ({ app }) => {
  await go(app, "/vms");
  await expect(names(app).first()).toBeVisible();
  await box(app).fill("state:");
  const running = app.getByRole("option", { name: /running/ });
  await expect(running).toContainText(/[0-9]/);
  await picture(app, "search-complete");
  await box(app).fill("(state:running or state:paused) mem>=1G -name:nobody");
  await box(app).blur();
  await expect(grid(app).getByText("stopped", { exact: true })).toHaveCount(0);
  await expect(names(app).first()).toBeVisible();
  await box(app).fill("mem>4X");
  await box(app).blur();
  await expect(box(app)).toHaveAttribute("aria-invalid", "true");
  await expect(app.getByText(/4X. is no size/).first()).toBeAttached();
});

test("a view is saved, found again with its columns, and deleted", async ({ app }) => {
  await go(app, "/vms?q=state%3Arunning");
  await expect(grid(app).getByText("stopped", { exact: true })).toHaveCount(0);
  await grid(app).getByRole("columnheader").filter({ hasText: /^Host/ }).click();
  await app.getByRole("button", { name: "Views" }).click();
  await app.getByRole("menuitem", { name: "Save this view…" }).click();
  await app.getByRole("textbox", { name: "Name" }).fill("<img src=x onerror=alert(1)>");
  await picture(app, "view-save");
  await app.getByRole("button", { name: "Save view" }).click();
  await expect(app.getByRole("dialog")).toHaveCount(0);
  await expect(app.getByRole("button", { name: "Views" })).toHaveText(/<img src=x/);
  await go(app, "/hosts");
  await go(app, "/vms");
  await app.getByRole("button", { name: "Views" }).click();
  await picture(app, "views");
  await app.getByRole("menuitem", { name: "<img src=x" }).or(app.getByRole("menuitemcheckbox", { name: "<img src=x" })).first().click();
  await expect(box(app)).toHaveValue("state:running");
  await app.getByRole("button", { name: "Views" }).click();
  await app.getByRole("menuitem", { name: /^Delete view/ }).click();
  await expect(app.getByRole("button", { name: "Views" })).toHaveText("Views");
});

test("the tree and the palette ask the same", async ({ app }) => {
  await go(app, "/vms");
  const tree = app.getByRole("tree", { name: "Inventory" });
  await app.getByLabel("Filter the inventory").fill("kind:vm state:stopped");
  await expect(tree.getByRole("treeitem", { name: /stopped/ }).first()).toBeVisible();
  await expect(tree.getByRole("treeitem", { name: /, running,/ })).toHaveCount(0);
  await picture(app, "search-tree");
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill("kind:network state:active");
  await expect(app.getByRole("option", { name: /network/ }).first()).toBeVisible();
  await picture(app, "search-palette");
  await app.keyboard.press("Enter");
  await expect(app).toHaveURL(/#\/networks\//);
});
