import { expect, type Page } from "@playwright/test";

import { env, faults, go, picture, test, theme } from "./page";

// On the simulated hosts of limiquantix demo: every page as a picture, dark and
// light, 1280 and 1920 wide, and without a serious fault for those who cannot
// see or point.

interface Shown {
  name: string;
  route: (p: Page) => Promise<string> | string;
  /** Something that tells that the page is there. */
  ready: (p: Page) => Promise<void>;
}

const vmRoute = (tab: string) => async (p: Page) => {
  await go(p, "/vms?q=state%3Arunning");
  const link = p.getByRole("grid", { name: /VMs/ }).getByRole("link").first();
  return `${((await link.getAttribute("href")) ?? "").replace(/^#/, "")}/${tab}`;
};
const hostRoute = (tab: string) => async (p: Page) => {
  await go(p, "/hosts");
  const link = p.getByRole("grid", { name: /Hosts/ }).getByRole("link").first();
  return `${((await link.getAttribute("href")) ?? "").replace(/^#/, "")}/${tab}`;
};
const heading = (name: RegExp) => (p: Page) => expect(p.getByRole("main").getByRole("heading", { name }).first()).toBeVisible();

// Pictures show figures of a while.
test.beforeAll(async ({ browser }) => {
  if (!env.pictures) return;
  const page = await browser.newPage();
  await page.goto(env.url);
  await page.waitForTimeout(90_000);
  await page.close();
});

const pages: Shown[] = [
  { name: "dashboard", route: () => "/", ready: heading(/Dashboard/) },
  { name: "hosts", route: () => "/hosts", ready: (p) => expect(p.getByRole("grid", { name: /Hosts/ }).getByRole("link").first()).toBeVisible() },
  { name: "host", route: hostRoute(""), ready: heading(/./) },
  { name: "host-hardware", route: hostRoute("hardware"), ready: heading(/./) },
  { name: "host-services", route: hostRoute("services"), ready: (p) => expect(p.getByRole("grid", { name: /^Services/ }).getByText("libvirtd.service")).toBeVisible() },
  { name: "host-journal", route: hostRoute("journal"), ready: (p) => expect(p.getByRole("grid", { name: /^Journal/ }).getByText("sshd").first()).toBeVisible() },
  { name: "host-terminal", route: hostRoute("terminal"), ready: (p) => expect(p.getByRole("region", { name: /^Terminal on/ }).getByText(/This host is a simulation/)).toBeVisible() },
  { name: "host-check", route: hostRoute("check"), ready: (p) => expect(p.getByText(/Ready for everything/)).toBeVisible() },
  { name: "vms", route: () => "/vms", ready: (p) => expect(p.getByRole("grid", { name: /VMs/ }).getByRole("link").first()).toBeVisible() },
  { name: "vm", route: vmRoute(""), ready: heading(/./) },
  { name: "vm-hardware", route: vmRoute("hardware"), ready: heading(/./) },
  { name: "vm-xml", route: vmRoute("xml"), ready: heading(/./) },
  { name: "vm-notes", route: vmRoute("notes"), ready: heading(/./) },
  { name: "vm-events", route: vmRoute("events"), ready: heading(/./) },
  { name: "vm-console", route: vmRoute("console"), ready: heading(/./) },
  { name: "create", route: () => "/create", ready: heading(/./) },
  { name: "storage", route: () => "/storage", ready: heading(/Storage/) },
  { name: "networks", route: () => "/networks", ready: heading(/Networks/) },
  { name: "images", route: () => "/images", ready: heading(/Images/) },
  { name: "wall", route: () => "/wall", ready: heading(/./) },
  { name: "tasks", route: () => "/tasks", ready: heading(/Tasks/) },
  { name: "events", route: () => "/events", ready: heading(/Events/) },
  { name: "settings", route: () => "/settings", ready: heading(/Settings/) },
];

for (const shown of pages)
  test(`${shown.name} is there, without serious faults for those who cannot see or point`, async ({ app }) => {
    const route = await shown.route(app);
    await go(app, route);
    await shown.ready(app);
    await app.waitForTimeout(env.pictures ? 2500 : 400); // figures, thumbnails
    const found: string[] = [];
    for (const choice of ["dark", "light"] as const) {
      await theme(app, choice);
      found.push(...(await faults(app)).map((f) => `${choice}: ${f}`));
      for (const width of [1280, 1920]) {
        if (!env.pictures) continue;
        await app.setViewportSize({ width, height: width === 1280 ? 800 : 1080 });
        await app.waitForTimeout(300);
        await picture(app, `${shown.name}-${choice}-${width}`);
      }
      await app.setViewportSize({ width: 1280, height: 800 });
    }
    expect([...new Set(found)]).toEqual([]);
  });

test("a service is stopped by a plan, and its journal is a step away", async ({ app }) => {
  await go(app, await hostRoute("services")(app));
  const services = app.getByRole("grid", { name: /^Services/ });
  const row = services.getByRole("row").filter({ hasText: "cron.service" });
  await row.click({ button: "right" });
  await app.getByRole("menuitem", { name: /^Stop/ }).click();
  const sheet = app.getByRole("dialog");
  await expect(sheet).toContainText("host service stop");
  await sheet.getByRole("button", { name: /^Stop/ }).click();
  await expect(row).toContainText("stopped");
  await go(app, `${(await hostRoute("journal")(app))}?unit=ssh.service`);
  const journal = app.getByRole("grid", { name: /^Journal/ });
  await expect(journal.getByText("sshd").first()).toBeVisible();
  await expect(journal.getByText("chronyd")).toHaveCount(0);
});

test("a shell on a host takes what is typed, and says that it has ended", async ({ app }) => {
  await go(app, await hostRoute("terminal")(app));
  const terminal = app.getByRole("region", { name: /^Terminal on/ });
  await expect(terminal.getByText(/root@/).first()).toBeVisible();
  await app.keyboard.type("nonsense\n");
  await expect(terminal.getByText("nonsense: not found")).toBeVisible();
  await app.keyboard.type("exit\n");
  await app.getByRole("button", { name: "Open again" }).click();
  await expect(terminal.getByText(/This host is a simulation/)).toBeVisible();
});

test("the address survives back, forward and reload", async ({ app }) => {
  await go(app, "/hosts");
  await go(app, "/events");
  await app.goBack();
  await expect(app.getByRole("grid", { name: /Hosts/ })).toBeVisible();
  await app.goForward();
  await expect(app.getByRole("heading", { name: "Events" })).toBeVisible();
  await app.reload();
  await expect(app.getByRole("heading", { name: "Events" })).toBeVisible();
  expect(app.url()).not.toContain("token");
});

test("everything by keyboard: palette, pages, help", async ({ app }) => {
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill("sett");
  await app.keyboard.press("Enter");
  await expect(app.getByRole("heading", { name: "Settings" })).toBeVisible();
  await app.keyboard.press("g");
  await app.keyboard.press("v");
  await expect(app.getByRole("grid", { name: /VMs/ })).toBeVisible();
  await app.getByRole("grid", { name: /VMs/ }).focus();
  await app.keyboard.press("?");
  await expect(app.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await picture(app, "shortcuts-dark-1280");
  await app.keyboard.press("Escape");
  await expect(app.getByRole("dialog")).toHaveCount(0);
});

test("a change is a plan first, then a task with its log, then undone", async ({ app }) => {
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill("pause ");
  await app.getByRole("option", { name: /^Pause / }).first().click();
  const toast = app.getByRole("region", { name: "Notifications" });
  await expect(toast.getByText(/^Pause VM /)).toBeVisible();
  await toast.getByRole("button", { name: "Undo" }).click();
  await expect(toast.getByText(/^Undo: Pause VM /)).toBeVisible();
  await toast.getByRole("button", { name: "Show log" }).last().click();
  await expect(app.getByRole("region", { name: "Tasks" }).getByRole("article")).toBeVisible();
  await picture(app, "task-drawer-dark-1280");
});
