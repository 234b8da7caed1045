import { expect, type Page } from "@playwright/test";

import { go, picture, test } from "./page";

// The main job on a real host over real SSH, by hand as it were: a host that
// nobody has trusted yet, an image, a VM with cloud-init, its screen, its
// keyboard, its end.

const host = process.env.LIMIQUANTIX_HOST ?? "";
const identity = process.env.LIMIQUANTIX_IDENTITY ?? "";
const fingerprint = process.env.LIMIQUANTIX_FINGERPRINT ?? "";
const image = process.env.LIMIQUANTIX_IMAGE ?? "";

test.describe.configure({ mode: "serial" });

test("add a host after comparing its fingerprint", async ({ app }) => {
  await expect(app.getByText("No hosts yet").first()).toBeVisible();
  await picture(app, "first-start-dark-1280");
  await go(app, "/hosts");
  await app.getByRole("main").getByRole("button", { name: "Add host" }).first().click();
  const dialog = app.getByRole("dialog", { name: "Add a host" });
  await dialog.getByLabel("Address").fill(host);
  await dialog.getByLabel("Name", { exact: true }).fill("kvm1");
  await dialog.getByRole("button", { name: /More/ }).click();
  await dialog.getByLabel("Private keys").fill(identity);
  await dialog.getByRole("button", { name: /^(Connect|Next)/ }).click();
  await expect(dialog.getByLabel(`Fingerprint ${fingerprint}`)).toBeVisible();
  await picture(app, "add-host-fingerprint-dark-1280");
  await dialog.getByRole("button", { name: /accept|trust/i }).click();
  const done = app.getByRole("dialog", { name: "kvm1 is added" });
  await expect(done).toBeVisible();
  await expect(done.getByText(/emulated|KVM/).first()).toBeVisible(); // the readiness check
  await picture(app, "add-host-done-dark-1280");
  await done.getByRole("button", { name: "Close" }).last().click();
  await expect(app.getByRole("grid", { name: /Hosts/ }).getByText("live").first()).toBeVisible();
});

test("add an image and make a VM of it", async ({ app }) => {
  await go(app, "/images");
  await app.getByRole("main").getByRole("button", { name: "Add image" }).first().click();
  const dialog = app.getByRole("dialog", { name: /Add an image/ });
  const source = dialog.getByLabel("Address or path");
  await source.fill("/nowhere/nothing.qcow2");
  await dialog.getByRole("button", { name: "Show the plan" }).click();
  await expect(source).toHaveAccessibleDescription(/^There is no file .*nothing\.qcow2/); // at its field, and no sheet
  await source.fill(image);
  await dialog.getByLabel(/^Name/).fill("tiny.qcow2");
  await dialog.getByRole("button", { name: "Show the plan" }).click();
  await app.getByRole("dialog").getByRole("button", { name: "Add image tiny.qcow2" }).click();
  await expect(app.getByRole("grid", { name: /Images/ }).getByText("tiny.qcow2")).toBeVisible({ timeout: 60_000 });

  await go(app, "/create");
  await app.getByRole("radio", { name: /tiny\.qcow2/ }).click();
  await next(app); // place
  await app.getByRole("radio", { name: /kvm1/ }).click();
  await next(app); // size
  await app.getByRole("radio", { name: /Small/ }).click();
  await next(app); // networks
  await next(app); // cloud-init
  await app.getByRole("textbox", { name: /^User/ }).first().fill("admin");
  await picture(app, "create-cloud-init-dark-1280");
  await next(app); // name and options
  await app.getByRole("textbox", { name: /^Name/ }).fill("web1");
  const start = app.getByRole("checkbox", { name: "Start it once it is made" });
  if (!(await start.isChecked())) await start.click();
  await next(app); // review
  await expect(app.getByRole("region", { name: "Plan" }).getByText(/web1/).first()).toBeVisible();
  await picture(app, "create-review-dark-1280");
  await app.getByRole("button", { name: /^Create/ }).last().click();
  await expect(app.getByRole("main").getByRole("heading", { name: "web1", exact: true })).toBeVisible({ timeout: 60_000 });
});

test("watch it boot, type into it, see its address", async ({ app }) => {
  test.setTimeout(300_000);
  await openVM(app);
  await expect(app.getByText(/192\.168\.122\.\d+/).first()).toBeVisible({ timeout: 120_000 });
  await go(app, `${route}/console`);
  const screen = canvas(app);
  await expect(screen).toBeVisible();
  await app.waitForTimeout(2000);
  await picture(app, "console-dark-1280");
  await screen.click();
  // Whole keys, Shift and all: the guest is told of keys, not of characters.
  for (const c of "while sleep 1; do echo typed-$((6*7)); done > /dev/ttyS0 &") await app.keyboard.press(/[A-Z~!@#$%^&*()_{}|:"<>?]/.test(c) ? `Shift+${c}` : c, { delay: 30 });
  await app.keyboard.press("Enter");
  await app.waitForTimeout(1500);
  await picture(app, "console-typed-dark-1280");
  await app.getByRole("button", { name: "Type text into the guest" }).click();
  const dialog = app.getByRole("dialog");
  await dialog.getByLabel("Text").fill("while sleep 1; do echo 'pasted-{}|~'$((3*4)); done > /dev/ttyS0 &");
  const enter = dialog.getByRole("checkbox", { name: "Press Enter at the end" });
  if (!(await enter.isChecked())) await enter.click();
  await dialog.getByRole("button", { name: /^Type/ }).click();
  await expect(dialog).toHaveCount(0, { timeout: 60_000 });

  await picture(app, "console-pasted-dark-1280");

  await app.getByRole("radio", { name: "Serial" }).click();
  const serial = app.getByRole("region", { name: "Console", exact: true });
  await expect(serial).toContainText("typed-42", { timeout: 60_000 });
  await expect(serial).toContainText("pasted-{}|~12", { timeout: 60_000 });
  await picture(app, "console-serial-dark-1280");
});

test("a picture of its screen, a restart that the console survives", async ({ app }) => {
  test.setTimeout(300_000);
  await openVM(app);
  await go(app, `${route}/console`);
  await expect(canvas(app)).toBeVisible();
  const download = app.waitForEvent("download");
  await app.getByRole("button", { name: "Save a screenshot" }).click();
  expect((await download).suggestedFilename()).toMatch(/web1.*\.png$/);
  await act(app, "reset web1");
  await app.getByRole("dialog").getByRole("button", { name: "Reset web1" }).click();
  await expect(app.getByRole("region", { name: "Notifications" }).getByText(/Reset VM web1/)).toBeVisible({ timeout: 60_000 });
  await expect(canvas(app)).toBeVisible({ timeout: 60_000 });
});

test("stop it and delete it; nothing of it is left", async ({ app }) => {
  await openVM(app);
  await act(app, "stop web1");
  await app.getByRole("dialog").getByRole("button", { name: "Power off web1" }).click();
  await expect(app.getByRole("main").getByText("stopped").first()).toBeVisible({ timeout: 60_000 });
  await act(app, "delete web1");
  const sheet = app.getByRole("dialog");
  await expect(sheet.getByText(/web1\.qcow2/).first()).toBeVisible(); // what goes with it
  await expect(sheet.getByText(/web1-seed\.iso/).first()).toBeVisible();
  await picture(app, "delete-dark-1280");
  await sheet.getByLabel("Type web1 to go on").fill("web1");
  await sheet.getByRole("button", { name: "Delete web1" }).click();
  await go(app, "/vms");
  await expect(app.getByText("No VMs").first()).toBeVisible({ timeout: 60_000 });
});

let route = "";

async function openVM(app: Page) {
  await go(app, "/vms");
  const link = app.getByRole("grid", { name: /VMs/ }).getByRole("link", { name: "web1" });
  await expect(link).toBeVisible();
  route = ((await link.getAttribute("href")) ?? "").replace(/^#/, "");
  await go(app, route);
  await expect(app.getByRole("main").getByRole("heading", { name: "web1", exact: true })).toBeVisible();
}

/** canvas is the guest's screen. */
function canvas(app: Page) {
  return app.getByRole("region", { name: "Console", exact: true }).locator("canvas").first();
}

async function next(app: Page) {
  await app.getByRole("button", { name: "Next" }).click();
}

/** act chooses an act by the palette. */
async function act(app: Page, typed: string) {
  await app.keyboard.press("Control+k");
  await app.getByRole("combobox", { name: "Search or run a command" }).fill(typed);
  await app.getByRole("option", { disabled: false }).first().click();
}

