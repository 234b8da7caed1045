import { expect, type Page } from "@playwright/test";

import { go, test } from "./page";

// On 100 simulated hosts with 100 VMs each: the list of VMs keeps few nodes, and
// the figures of all rows come. How long it takes is measured by make bench
// (frontend/bench): times on a loaded machine are noise.

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });
const nodes = (p: Page) => p.evaluate(() => document.body.querySelectorAll("*").length);

test("10,000 VMs: few nodes, at any place, at any size", async ({ app }) => {
  await go(app, "/vms");
  await expect(app.getByText("10,000 VMs")).toBeVisible();
  await expect(grid(app)).toHaveAttribute("aria-rowcount", "10001");
  await app.waitForTimeout(6000); // the first figures
  expect(await nodes(app)).toBeLessThanOrEqual(1500);
  await grid(app).getByRole("row").nth(1).getByRole("gridcell").nth(2).click();
  await app.keyboard.press("End");
  await expect(grid(app).locator('[aria-rowindex="10001"]')).toBeFocused();
  await app.setViewportSize({ width: 1920, height: 1080 });
  await app.waitForTimeout(500);
  expect(await nodes(app)).toBeLessThanOrEqual(1500);
});

test("10,000 VMs: figures come to the rows in sight, and the rows stay", async ({ app }) => {
  await go(app, "/vms?q=state%3Arunning");
  const row = grid(app).getByRole("row").nth(1);
  await expect(row.getByText("%", { exact: false }).first()).toBeVisible();
  const kept = await row.elementHandle();
  const before = await row.innerText();
  await expect.poll(() => row.innerText(), { timeout: 60_000 }).not.toBe(before);
  expect(await kept?.evaluate((e) => e.isConnected)).toBe(true);
});
