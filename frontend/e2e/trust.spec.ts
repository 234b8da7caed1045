import { expect, type Page } from "@playwright/test";

import { faults, go, picture, test } from "./page";

const changed = process.env.LIMIQUANTIX_CHANGED ?? "";
/** What ssh-keygen -lf prints on the host whose key has changed. */
const printed = process.env.LIMIQUANTIX_PRINTED ?? "";
const host = process.env.LIMIQUANTIX_HOST ?? "";
const fingerprint = process.env.LIMIQUANTIX_FINGERPRINT ?? "";
const identity = process.env.LIMIQUANTIX_IDENTITY ?? "";
const passphrase = process.env.LIMIQUANTIX_PASSPHRASE ?? "";

test.describe.configure({ mode: "serial" });

/** The button by which a key is accepted that is not the one known. */
const replace = (app: Page) => app.getByRole("dialog").getByRole("button", { name: "Replace the key and connect" });

test("a key that has changed is a hard stop until it was compared", async ({ app }) => {
  await go(app, `/hosts/${changed}`);
  await expect(app.getByRole("main").getByText("refused").first()).toBeVisible({ timeout: 60_000 });
  await app.getByRole("main").getByRole("button", { name: "Connect" }).click();
  await expect(app.getByRole("alert").getByText("This may be another computer than before")).toBeVisible({ timeout: 60_000 });
  await expect(replace(app)).toHaveAttribute("aria-disabled", "true");
  const compare = app.getByLabel("What the host prints");
  await compare.fill(`256 ${fingerprint} root@elsewhere (ED25519)`);
  await expect(app.getByText("That is not the fingerprint above")).toBeVisible();
  await replace(app).click({ force: true });
  await expect(replace(app)).toHaveAttribute("aria-disabled", "true");
  await compare.fill(printed);
  await expect(app.getByText("It agrees with the fingerprint above.")).toBeVisible();
  expect(await faults(app)).toEqual([]);
  await picture(app, "host-key-changed-dark-1280");
  await replace(app).click();
  await expect(app.getByRole("dialog")).toHaveCount(0, { timeout: 60_000 });
  await expect(app.getByRole("main").getByText("live").first()).toBeVisible();
});

test("a passphrase is asked for, again when it is wrong", async ({ app }) => {
  await go(app, "/hosts?add=true");
  const dialog = app.getByRole("dialog");
  await dialog.getByLabel("Address").fill("root@kvm9:no-port");
  await expect(dialog.getByText("The port is not between 1 and 65535")).toBeVisible();
  await dialog.getByLabel("Address").fill(host);
  await dialog.getByLabel("Name", { exact: true }).fill("<img src=x onerror=alert(4)>");
  await dialog.getByRole("button", { name: "More ways to reach it" }).click();
  await dialog.getByLabel("Private keys").fill(identity);
  await dialog.getByRole("button", { name: "Connect" }).click();
  await dialog.getByRole("button", { name: "Accept this key and connect" }).click({ timeout: 60_000 });
  await dialog.getByLabel(/^Passphrase/).fill("wrong");
  await app.keyboard.press("Enter");
  await expect(dialog.getByText("It does not open this key")).toBeVisible({ timeout: 60_000 });
  expect(await faults(app)).toEqual([]);
  await dialog.getByLabel(/^Passphrase/).fill(passphrase);
  await dialog.getByRole("button", { name: "Log in" }).click();
  await expect(dialog.getByRole("list", { name: "Findings" })).toBeVisible({ timeout: 60_000 });
  expect(await faults(app)).toEqual([]);
  await dialog.getByRole("link", { name: /^Go to/ }).click();
  await expect(app.getByRole("main").getByRole("heading", { name: "<img src=x onerror=alert(4)>" })).toBeVisible();
});

test("names that are markup are text: pools, volumes, networks, images", async ({ app }) => {
  await go(app, "/networks");
  await expect(app.getByRole("grid", { name: "Networks" }).getByText("<img src=x onerror=alert(3)>")).toBeVisible();
  await go(app, "/images");
  await expect(app.getByRole("grid", { name: "Images" }).getByText(/<svg onload=alert\(2\)>/)).toBeVisible();
  await go(app, "/create");
  await expect(app.getByRole("radio", { name: /<svg onload=alert\(2\)>/ })).toBeVisible();
  await go(app, "/storage");
  await app.getByRole("grid", { name: "Pools" }).getByRole("link", { name: "<img src=x onerror=alert(1)>" }).click();
  await expect(app.getByRole("main").getByRole("heading", { name: "<img src=x onerror=alert(1)>" })).toBeVisible();
  expect(await faults(app)).toEqual([]);
});

test("a volume is deleted after its name was typed", async ({ app }) => {
  await go(app, "/storage");
  await app.getByRole("grid", { name: "Pools" }).getByRole("link", { name: "<img src=x onerror=alert(1)>" }).click();
  await app.getByRole("row", { name: /<svg onload/ }).click({ button: "right" });
  await app.getByRole("menuitem", { name: /^Delete/ }).click();
  const sheet = app.getByRole("dialog");
  const act = sheet.getByRole("button", { name: /^Delete volume/ });
  await expect(act).toHaveAttribute("aria-disabled", "true");
  await sheet.getByRole("textbox").fill("<svg onload=alert(2)> مرحبا.qcow2");
  await act.click();
  await expect(app.getByText(/^No volumes in/)).toBeVisible({ timeout: 60_000 });
});
