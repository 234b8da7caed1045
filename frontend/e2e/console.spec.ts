import { readFile } from "node:fs/promises";

import { expect, type Page } from "@playwright/test";

import { wholeWebSocket } from "./fake-rfb";
import { go, test } from "./page";

// Consoles of the simulated hosts of limiquantix demo. What is shown on a real
// QEMU is in real.spec.ts; what hostile guests do in console-hostile.spec.ts.

/** openRunning shows the console tab of a running VM and returns its name and the route of its page. */
async function openRunning(app: Page, nth = 0): Promise<{ name: string; route: string }> {
  await go(app, "/vms?q=state%3Arunning%20-is%3Astale");
  const link = app.getByRole("grid", { name: /VMs/ }).getByRole("link").nth(nth);
  const route = ((await link.getAttribute("href")) ?? "").replace(/^#/, "");
  await go(app, `${route}/console`);
  const screen = app.getByRole("application", { name: /^Screen of / });
  await expect(screen).toBeVisible();
  return { name: ((await screen.getAttribute("aria-label")) ?? "").replace("Screen of ", ""), route };
}

/** ink is how much of the screen is not black, in pixels. */
const ink = (app: Page) =>
  app.getByRole("application").evaluate((c: HTMLCanvasElement) => {
    const data = c.getContext("2d")?.getImageData(0, 0, c.width, c.height).data ?? [];
    let n = 0;
    for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0) > 90) n++;
    return n;
  });

const keyboard = (app: Page) => app.getByRole("button", { name: /^Keys (go|stay)/ });

test("keys reach the guest, and Ctrl+Alt gives the keyboard back", async ({ app }) => {
  await openRunning(app);
  await expect(keyboard(app)).toHaveText(/Keys stay here/);
  await app.getByRole("application").click();
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
  const before = await ink(app);
  await app.keyboard.type("wwwwwwwwwwww", { delay: 30 });
  await expect.poll(() => ink(app)).toBeGreaterThan(before + 100);
  await app.keyboard.press("Escape"); // the guest's, like g and ? and Ctrl+K
  await app.keyboard.press("Control+k");
  await expect(app.getByRole("dialog")).toHaveCount(0);
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);
  await expect(app.getByLabel(/^Latency \d+ milliseconds$/)).toBeVisible();
  await app.keyboard.down("Control");
  await app.keyboard.down("Alt");
  await app.keyboard.up("Alt");
  await app.keyboard.up("Control");
  await expect(keyboard(app)).toHaveText(/Keys stay here/);
  await expect(keyboard(app)).toBeFocused();
});

test("text is typed as keystrokes after it was shown; what the layout lacks is told", async ({ app, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openRunning(app, 1);
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
  await app.evaluate(() => navigator.clipboard.writeText("MMMMMMMMMMMM"));
  const before = await ink(app);
  await app.getByRole("button", { name: "Type text into the guest" }).click();
  const dialog = app.getByRole("dialog");
  await expect(dialog.getByLabel("Text")).toHaveValue("MMMMMMMMMMMM");
  await dialog.getByRole("button", { name: "Type 12 characters" }).click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => ink(app)).toBeGreaterThan(before + 100);
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);

  await app.getByRole("button", { name: "Type text into the guest" }).click();
  await dialog.getByLabel("Text").fill("naïve 漢");
  await dialog.getByRole("button", { name: /^Type / }).click();
  await expect(dialog.getByText(/layout us has no key for/)).toBeVisible();
  await dialog.getByLabel("Text").fill("a\u001bb");
  await expect(dialog.getByText(/control character \(U\+001B\)/)).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("a guest that reboots and a VM that stops and starts are shown again", async ({ app }) => {
  const { name } = await openRunning(app, 2);
  await app.getByRole("button", { name: "Keys", exact: true }).click();
  await app.getByRole("menuitem", { name: "Ctrl+Alt+Del" }).click();
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);
  await app.getByRole("toolbar", { name: "Console" }).getByRole("button", { name: /^Power/ }).click();
  await app.getByRole("menuitem", { name: "Power off" }).click();
  await app.getByRole("dialog").getByRole("button", { name: `Power off ${name}` }).click();
  const console = app.getByRole("region", { name: "Console" });
  await expect(console.getByText(`${name} is stopped`)).toBeVisible();
  await expect(app.getByRole("button", { name: "Save a screenshot" })).toHaveAttribute("aria-disabled", "true");
  await console.getByRole("button", { name: "Start" }).click();
  await expect(console.getByText("Connected again")).toBeVisible();
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
});

test("a lost connection is told and comes back by itself", async ({ app }) => {
  let drop = () => undefined as void;
  await app.routeWebSocket(/\/console\?ticket=/, (ws) => {
    const server = ws.connectToServer();
    drop = () => {
      void server.close();
      void ws.close({ code: 1001 });
    };
  });
  await wholeWebSocket(app);
  await openRunning(app, 3);
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
  drop();
  await expect(app.getByText("Connected again")).toBeVisible();
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
});

test("a screenshot is a picture of the guest's own size", async ({ app }) => {
  const { name } = await openRunning(app, 4);
  await expect.poll(() => ink(app)).toBeGreaterThan(0);
  const download = app.waitForEvent("download");
  await app.getByRole("button", { name: "Save a screenshot" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toContain(`${name}-screen-`);
  const png = await readFile(await file.path());
  const size = await app.getByRole("application").evaluate((c: HTMLCanvasElement) => [c.width, c.height]);
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(size);
});

test("a console gets a window of its own, without a token in its address", async ({ app, context }) => {
  const { name, route } = await openRunning(app, 5);
  const opened = context.waitForEvent("page");
  await app.getByRole("button", { name: "Open in a window of its own" }).click();
  const own = await opened;
  await expect(own.getByRole("application", { name: `Screen of ${name}` })).toBeVisible();
  await expect(own).toHaveTitle(name);
  expect(own.url()).toContain(route.replace("/vms/", "#/console/"));
  expect(own.url()).not.toContain("token");
  await expect(own.getByRole("navigation")).toHaveCount(0);
  await own.getByRole("radio", { name: "Serial" }).click();
  await expect(own.getByRole("textbox", { name: `Serial console of ${name}` })).toBeAttached();
  await own.reload();
  await expect(own.getByRole("radio", { name: "Serial" })).toBeChecked();
  await own.close();
});

test("the serial console takes keys, is searched and saved", async ({ app }) => {
  const { route } = await openRunning(app, 6);
  await go(app, `${route}/console?serial=true`);
  const field = app.getByRole("textbox", { name: /^Serial console of/ });
  await expect(app.locator(".xterm-rows")).toContainText("login:");
  await field.focus();
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);
  await app.keyboard.type("somebody");
  await expect(app.locator(".xterm-rows")).toContainText("login: somebody");
  await app.getByRole("textbox", { name: "Search the output" }).fill("login");
  await expect(app.getByText(/^\d+\/\d+$/)).toBeVisible();
  const download = app.waitForEvent("download");
  await app.getByRole("button", { name: "Save the log" }).click();
  expect(await readFile(await (await download).path(), "utf8")).toContain("login: somebody");
});

test("in full screen only the edge of the bar is left, and menus are above it", async ({ app }) => {
  await openRunning(app, 7);
  const bar = app.getByRole("toolbar", { name: "Console" });
  await app.getByRole("button", { name: "Full screen" }).click();
  const hint = app.getByText("To leave full screen");
  await expect(hint).toContainText(/top edge, press Ctrl\+Alt for the bar.*hold Esc/);
  await app.mouse.move(600, 500);
  await expect.poll(async () => (await bar.boundingBox())?.y).toBeLessThan(-30);
  await expect(keyboard(app)).toHaveText(/Keys go to the guest/);
  await expect(hint).toHaveCount(0); // it goes by itself
  for (const key of ["Control", "Alt"]) await app.keyboard.down(key);
  for (const key of ["Alt", "Control"]) await app.keyboard.up(key);
  await expect(keyboard(app)).toBeFocused();
  await expect.poll(async () => (await bar.boundingBox())?.y).toBe(0);
  await app.mouse.move(600, 1);
  await app.getByRole("button", { name: "View" }).click();
  await app.getByRole("menuitemcheckbox", { name: "View only" }).click();
  await expect(app.getByRole("button", { name: "View only" })).toBeVisible();
  await app.mouse.move(600, 1);
  await app.getByRole("button", { name: "Leave full screen" }).click();
  await expect(app.getByRole("button", { name: "Full screen" })).toBeVisible();
});

test("the wall shows screens at a low rate, only while they are seen", async ({ app }) => {
  const asked: number[] = [];
  let now = 0;
  let most = 0;
  app.on("request", (r) => {
    if (!r.url().endsWith("/ScreenshotVM")) return;
    asked.push(Date.now());
    most = Math.max(most, ++now);
  });
  const ended = (r: { url(): string }) => void (r.url().endsWith("/ScreenshotVM") && now--);
  app.on("requestfinished", ended);
  app.on("requestfailed", ended);
  await go(app, "/wall?q=state%3Arunning");
  const tiles = app.getByRole("grid", { name: "Screens" }).getByRole("gridcell");
  await expect(tiles.first().locator("img")).toBeVisible();
  await app.waitForTimeout(5000);
  expect(most).toBeLessThanOrEqual(6);
  expect(await tiles.count()).toBeLessThan(60);

  await go(app, "/events");
  await app.waitForTimeout(500);
  const left = asked.length;
  await app.waitForTimeout(5000);
  expect(asked.length).toBe(left);

  await go(app, "/wall?q=state%3Arunning");
  await tiles.first().focus();
  const second = await tiles.nth(1).locator("[title]").first().getAttribute("title");
  await app.keyboard.press("ArrowRight");
  await expect(tiles.nth(1)).toBeFocused();
  await app.keyboard.press("Enter");
  await expect(app.getByRole("application", { name: `Screen of ${second}` })).toBeVisible();
});
