import { expect, type Page } from "@playwright/test";

import { faults, go, picture, test } from "./page";

// What changed, what was, and who had it done: a change by the page is found in
// the history of the VM and of the fleet, and in the audit.

const row = (p: Page, name: RegExp) => p.getByRole("grid").getByRole("link", { name }).first();

async function stopOne(p: Page): Promise<string> {
  await go(p, "/vms?q=state%3Arunning%20name%3Aweb*");
  const link = p.getByRole("grid", { name: "VMs" }).getByRole("link").first();
  const name = (await link.innerText()).trim();
  await link.click();
  await p.getByRole("button", { name: "Actions" }).click();
  await p.getByRole("menuitem", { name: "Pause", exact: true }).click();
  await expect(p.getByText("paused").first()).toBeVisible();
  return name;
}

test("a change is told on the VM's page, in the fleet's history and in the audit", async ({ app }) => {
  const name = await stopOne(app);
  await app.getByRole("link", { name: "History", exact: true }).last().click();
  await row(app, /was paused$/).click();
  const change = app.getByRole("article", { name: `VM ${name} was paused` });
  await expect(change.getByRole("link", { name: /task [0-9a-f]{8}/ })).toBeVisible();
  await expect(change.getByText("It stayed as it was")).toBeVisible();
  await picture(app, "vm-history");
  expect(await faults(app)).toEqual([]);

  await go(app, "/history");
  await row(app, new RegExp(`${name} was paused$`)).click();
  await expect(app.getByRole("article", { name: `VM ${name} was paused` })).toBeVisible();
  await app.reload(); // the change is in the address
  await expect(app.getByRole("article", { name: `VM ${name} was paused` })).toBeVisible();
  await picture(app, "history");

  await go(app, "/audit");
  await expect(app.getByText(/^Intact: \d+ records$/)).toBeVisible();
  await row(app, new RegExp(`^Pause VM ${name}`)).click();
  const act = app.getByRole("article", { name: new RegExp(`^Pause VM ${name}`) });
  await expect(act.getByText(/limiquantix vm pause /)).toBeVisible();
  await expect(act.getByText("browser", { exact: true })).toBeVisible();
  await picture(app, "audit");
  expect(await faults(app)).toEqual([]);
});

test("what there was, and what is different", async ({ app }) => {
  await go(app, "/history?view=at&at=2001-01-01T00%3A00%3A00");
  await expect(app.getByText("Nothing is known of that time")).toBeVisible();
  const at = app.getByRole("textbox", { name: "What was at" });
  await expect(at).toHaveValue("2001-01-01 00:00"); // 24 hours, whatever the browser's locale is
  await at.fill("2:30 PM");
  await expect(at).toHaveAttribute("aria-invalid", "true");
  await at.fill("2001-01-02 14:30");
  await at.press("Enter");
  await expect(app).toHaveURL(/at=2001-01-02T14(:|%3A)30(:|%3A)00/);
  await go(app, "/history?view=at&at=2100-01-01T00%3A00%3A00");
  await expect(app.getByRole("grid", { name: "All objects at a time" }).getByText("running").first()).toBeVisible();
  await picture(app, "history-at");
  await app.getByRole("radio", { name: "Between two times" }).click();
  await expect(app.getByRole("grid", { name: "Differences between two times" }).getByText("is new").first()).toBeVisible();
  await picture(app, "history-between");
  expect(await faults(app)).toEqual([]);
});

test("how much is kept is said, and what cannot be is refused beside its field", async ({ app }) => {
  await go(app, "/history");
  await app.getByRole("button", { name: "How much is kept" }).click();
  const dialog = app.getByRole("dialog", { name: "How much history is kept" });
  await dialog.getByLabel("Changes are kept for").fill("99999");
  await expect(dialog.getByLabel("Changes are kept for")).toHaveAccessibleDescription("A whole number from 1 to 3650");
  await dialog.getByLabel("And at most").fill("900 TiB");
  await expect(dialog.getByLabel("And at most")).toHaveAccessibleDescription(/^From 1 MiB to 1 TiB/);
  await expect(dialog.getByRole("button", { name: /^Keep/ })).toHaveAttribute("aria-disabled", "true");
  await dialog.getByLabel("And at most").fill("256");
  await dialog.getByLabel("Changes are kept for").fill("30");
  await picture(app, "history-kept");
  await dialog.getByRole("button", { name: "Keep less, forget the rest" }).click();
  await expect(dialog).toHaveCount(0);
});
