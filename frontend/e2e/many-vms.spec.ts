import { expect, type Browser, type Page } from "@playwright/test";

import { go, test } from "./page";

// On 100 simulated hosts with 100 VMs each: the list of VMs appears at once,
// keeps few nodes, and figures that move cost little. The figures are printed;
// absolute times on a loaded machine are noise, so the bounds here are wide.

/** How many times what issue 3 asks for may a loaded machine take: LIMIQUANTIX_SLACK, 1 for a quiet one. */
const slack = Number(process.env.LIMIQUANTIX_SLACK ?? 20);

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });

async function firstPaint(p: Page): Promise<number> {
  await p.waitForFunction(() => performance.getEntriesByName("vms: first paint").length > 0);
  return p.evaluate(() => performance.getEntriesByName("vms: first paint").at(-1)?.duration ?? NaN);
}

const nodes = (p: Page) => p.evaluate(() => document.body.querySelectorAll("*").length);

test("10,000 VMs: first paint, nodes, a plain table in the same run", async ({ app }) => {
  await go(app, "/vms");
  await expect(app.getByText("10,000 VMs")).toBeVisible();
  await app.reload();
  await expect(app.getByText("10,000 VMs")).toBeVisible();
  const cold = await firstPaint(app);
  await go(app, "/settings");
  await expect(grid(app)).toHaveCount(0);
  await app.evaluate(() => performance.clearMeasures());
  await go(app, "/vms");
  const warm = await firstPaint(app);
  const count = { small: await nodes(app), large: 0 };
  await app.setViewportSize({ width: 1920, height: 1080 });
  await app.waitForTimeout(500);
  count.large = await nodes(app);
  const plain = await app.evaluate(plainTable);
  console.log(`first paint after data ${cold.toFixed(0)} ms, from cache ${warm.toFixed(0)} ms; a plain table ${plain.toFixed(0)} ms (${(plain / cold).toFixed(0)}x, ${(plain / warm).toFixed(0)}x); nodes ${count.small} at 1280x800, ${count.large} at 1920x1080`);
  expect(count.small).toBeLessThanOrEqual(1500);
  expect(count.large).toBeLessThanOrEqual(1500);
  expect(cold).toBeLessThanOrEqual(150 * slack);
});

/** plainTable puts 10,000 rows of the same cells into the page, as a table that is not virtual does, and returns how many ms that takes until they are painted. */
async function plainTable(): Promise<number> {
  const row = document.querySelector<HTMLElement>('[role="grid"] [role="rowgroup"] [role="row"]');
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

test("10,000 VMs: an update of all figures", async ({ app, browser }) => {
  test.setTimeout(240_000);
  await go(app, "/vms");
  await expect(app.getByText("10,000 VMs")).toBeVisible();
  await app.waitForTimeout(10_000); // the first figures, and what loading left to do
  const busy = await busyBetween(browser, app, 60_000, 5000);
  const p95 = busy[Math.min(busy.length - 1, Math.ceil(busy.length * 0.95) - 1)] ?? NaN;
  console.log(`main thread in each 5 s, in which the figures of all 10,000 VMs come: ${busy.map((ms) => ms.toFixed(0)).join(", ")} ms; p95 ${p95.toFixed(0)} ms`);
  expect(p95).toBeLessThanOrEqual(50 * slack * 4); // all else that the page does is in it
});

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  args?: { name?: string };
}

/** busyBetween traces the page for a while and returns how many ms its main thread worked in each window, least first. */
async function busyBetween(browser: Browser, page: Page, forMs: number, windowMs: number): Promise<number[]> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await page.waitForTimeout(forMs);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const tasks = traceEvents.filter((e) => e.ph === "X" && (e.name === "RunTask" || e.name === "ThreadControllerImpl::RunTask"));
  const renderers = traceEvents.filter((e) => e.name === "thread_name" && e.args?.name === "CrRendererMain");
  // The page's own renderer is the busiest one.
  const of = (t: TraceEvent) => tasks.filter((e) => e.pid === t.pid && e.tid === t.tid);
  const main = renderers.map(of).sort((a, b) => total(b) - total(a))[0] ?? [];
  const start = Math.min(...main.map((e) => e.ts));
  const sums = new Array<number>(Math.floor(forMs / windowMs)).fill(0);
  for (const e of main) {
    const at = Math.floor((e.ts - start) / 1000 / windowMs);
    if (at < sums.length) sums[at] = (sums[at] ?? 0) + (e.dur ?? 0) / 1000;
  }
  return sums.sort((a, b) => a - b);
}

function total(events: readonly TraceEvent[]): number {
  return events.reduce((sum, e) => sum + (e.dur ?? 0), 0);
}
