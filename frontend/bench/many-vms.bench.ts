import { writeFileSync } from "node:fs";

import { expect, test, type Page } from "@playwright/test";

// The list of 10,000 VMs in Debian's Chromium, measured. What is found goes as
// JSON into the file that bench/page.go names.

/** Needed from the environment; bench/page.go sets them. */
const url = process.env.LIMIQUANTIX_URL ?? "";
const result = process.env.LIMIQUANTIX_RESULT ?? "";
const runs = Number(process.env.LIMIQUANTIX_RUNS ?? 7);
/** Updates of all figures that are counted. */
const updates = Number(process.env.LIMIQUANTIX_UPDATES ?? 110);

test("10,000 VMs", async ({ page }) => {
  await page.route("**/limiquantix.v1.MetricService/WatchStats", eachSecond);
  await page.goto(url);
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await open(page, "/vms");
  const cold: number[] = [];
  for (let i = 0; i < runs; i++) {
    await page.reload();
    cold.push(await firstPaint(page));
    await page.waitForTimeout(500);
  }
  const warm: number[] = [];
  for (let i = 0; i < runs; i++) {
    await open(page, "/settings");
    await expect(page.getByRole("grid", { name: "VMs" })).toHaveCount(0);
    await page.evaluate(() => performance.clearMeasures());
    await open(page, "/vms");
    warm.push(await firstPaint(page));
    await page.waitForTimeout(500);
  }
  await page.waitForTimeout(10_000); // the first figures, and what loading left to do
  const busy = await updatesOf(page);
  const nodes = await page.evaluate(() => document.body.querySelectorAll("*").length);
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.waitForTimeout(500);
  const nodesLarge = await page.evaluate(() => document.body.querySelectorAll("*").length);
  await page.setViewportSize({ width: 1280, height: 800 });
  const plain: number[] = [];
  for (let i = 0; i < 3; i++) plain.push(await page.evaluate(plainTable));
  writeFileSync(result, JSON.stringify({ cold, warm, plain, busy, nodes, nodesLarge }));
});

async function open(page: Page, route: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#${route}`);
  if (route === "/vms") await expect(page.getByText("10,000 VMs")).toBeVisible();
}

/** firstPaint is the page's own measure, in ms: see features/vm/use-first-paint.ts. */
async function firstPaint(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName("vms: first paint").length > 0);
  return page.evaluate(() => performance.getEntriesByName("vms: first paint").at(-1)?.duration ?? NaN);
}

/** eachSecond asks for figures each second and not each five: an enveloped WatchStatsRequest with interval_seconds 1. */
async function eachSecond(route: Parameters<Parameters<Page["route"]>[1]>[0]): Promise<void> {
  await route.continue({ postData: Buffer.from([0, 0, 0, 0, 2, 0x08, 1]) });
}

/**
 * updatesOf is how many ms the page's main thread was busy (CPU time) in each second, in
 * which the figures of all VMs come once; whatever else it did then is in it.
 */
async function updatesOf(page: Page): Promise<number[]> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" }); // its own time: others on this machine do not count
  const worked = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return { busy: (metrics.find((m) => m.name === "TaskDuration")?.value ?? NaN) * 1000, at: performance.now() };
  };
  const each: number[] = [];
  for (let last = await worked(); each.length < updates; ) {
    await page.waitForTimeout(Math.max(0, 1000 - ((performance.now()) % 1000)));
    const now = await worked();
    each.push((now.busy - last.busy) / Math.max(1, Math.round((now.at - last.at) / 1000)));
    last = now;
  }
  return each;
}

/**
 * plainTable puts 10,000 copies of a row that is on the screen into the page, as
 * a table does that is not virtual, and returns how many ms that takes until
 * they are painted. Copies: no framework, no data and no sorting is counted.
 */
async function plainTable(): Promise<number> {
  const row = document.querySelector<HTMLElement>('[role="grid"] [role="row"][data-index]');
  if (!row) throw new Error("the table has no rows");
  const from = performance.now();
  const table = document.createElement("div");
  table.className = "fixed inset-0 z-50 overflow-auto bg-panel text-table";
  table.style.cssText += row.closest<HTMLElement>('[role="grid"]')?.style.cssText ?? "";
  for (let r = 0; r < 10_000; r++) {
    const copy = row.cloneNode(true) as HTMLElement;
    copy.classList.replace("absolute", "relative");
    copy.style.transform = "";
    table.append(copy);
  }
  document.body.append(table);
  table.getBoundingClientRect();
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  const took = performance.now() - from;
  table.remove();
  return took;
}
