import { expect, type Page } from "@playwright/test";

import { faults, go, picture, test } from "./page";

// What stands beside the rows of the list of VMs, and what a table remembers.

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });
const inspector = (p: Page) => p.getByRole("region", { name: "Inspector of VMs" });

test("space shows what is chosen beside the list; one, several, none", async ({ app }) => {
  await go(app, "/vms");
  const first = grid(app).getByRole("link").first();
  const name = await first.innerText();
  await grid(app).getByRole("row").nth(1).getByRole("gridcell").nth(2).click();
  await expect(inspector(app)).toHaveCount(0);
  await app.keyboard.press("Space");
  await expect(inspector(app).getByRole("heading", { name })).toBeVisible();
  await expect(inspector(app).getByRole("link", { name: "Open" })).toHaveAttribute("href", (await first.getAttribute("href")) ?? "");
  await picture(app, "vms-inspector");
  await app.keyboard.press("j");
  await app.keyboard.press("Space");
  await expect(inspector(app).getByRole("heading", { name: "2 VMs" })).toBeVisible();
  expect(await faults(app)).toEqual([]);
  await app.keyboard.press("Escape"); // nothing is chosen: the row that has the keyboard is shown
  await expect(inspector(app).getByRole("heading", { name: "2 VMs" })).toHaveCount(0);
  await app.keyboard.press("i");
  await expect(inspector(app)).toHaveCount(0);
});

test("columns, rows and the inspector are as they were after a reload", async ({ app }) => {
  await go(app, "/vms");
  await app.getByRole("button", { name: "Columns" }).click();
  const columns = app.getByRole("dialog", { name: "Columns" });
  await columns.getByRole("checkbox", { name: "Host", exact: true }).click();
  await columns.getByRole("checkbox", { name: "Cluster" }).click();
  await columns.getByRole("button", { name: "Move IP addresses up" }).click();
  await columns.getByRole("radio", { name: "Compact" }).click();
  await app.keyboard.press("Escape");
  await app.getByRole("button", { name: "Inspector" }).click();
  await app.reload();
  await expect(inspector(app)).toBeVisible();
  const heads = await grid(app).getByRole("columnheader").allInnerTexts();
  expect(heads.map((h) => h.trim())).not.toContain("Host");
  expect(heads.map((h) => h.trim())).toContain("Cluster");
  expect((await grid(app).getByRole("row").nth(1).boundingBox())?.height).toBe(28);
});
