import { expect, type Page } from "@playwright/test";

import { faults, go, picture, test } from "./page";

// What the wizard says of what is missing or wrong, on the simulated hosts of
// limiquantix demo. That it makes VMs is in main.spec.ts, on a real host.

const main = (app: Page) => app.getByRole("main");
const next = (app: Page) => main(app).getByRole("button", { name: "Next" }).click();
const missing = (app: Page) => app.getByRole("region", { name: "What is missing" }).getByRole("listitem");

/** write puts YAML into one of the editors of the step. */
async function write(app: Page, name: string, text: string): Promise<void> {
  await app.getByRole("button", { name: `${name} …` }).click();
  await app.getByRole("textbox", { name }).click();
  await app.keyboard.press("Control+A");
  await app.keyboard.press("Delete"); // what replaces a selection, Chromium styles inline, which the policy blocks and logs
  await app.keyboard.insertText(text);
}

test("what is missing is named by its field; Cancel keeps what was filled in, Start over does not", async ({ app }) => {
  await go(app, "/create");
  await expect(app.getByText("Installing from an ISO is not possible here yet")).toBeVisible();
  await main(app).getByRole("radio", { name: /^debian-12-base/ }).click();
  await go(app, "/create?step=size");
  await app.getByLabel("Memory").fill("lots");
  await app.getByRole("navigation", { name: "Steps" }).getByRole("button", { name: /Review/ }).click();
  await expect(missing(app)).toContainText([/^Host.*Choose a host.*Go to host and pool/, /^Memory.*A size/, /^Name.*Give it a name/]);
  expect(await faults(app)).toEqual([]);
  await main(app).getByRole("button", { name: "Cancel" }).click();
  await expect(main(app).getByRole("heading", { name: "VMs" })).toBeVisible();
  await expect(app.getByText("Nothing was created")).toBeVisible();
  await go(app, "/create");
  await expect(main(app).getByRole("radio", { name: /^debian-12-base/ })).toBeChecked();
  await main(app).getByRole("button", { name: "Start over" }).click();
  await expect(main(app).getByRole("radio", { name: /^debian-12-base/ })).not.toBeChecked();
});

test("all mistakes in cloud-init are told at once, each at its place", async ({ app }) => {
  await go(app, "/create");
  await main(app).getByRole("radio", { name: /^debian-12-base/ }).click();
  await next(app);
  await main(app).getByRole("radio", { name: /kvm1/ }).first().click();
  await go(app, "/create?step=cloud-init");
  await app.getByRole("textbox", { name: /^User/ }).fill("Ada");
  await app.getByRole("textbox", { name: /^SSH keys/ }).fill("nonsense");
  await write(app, "Own user-data", "#cloud-config\nusers: 1\nusers: 2\n");
  await write(app, "Network configuration", "version: 2\nethernets:\n  a: dhcp\n  b: {gateway4: here}\n");
  await expect(app.getByRole("textbox", { name: /^User/ })).toHaveAccessibleDescription(/^It begins with a small letter/);
  await expect(app.getByRole("textbox", { name: /^SSH keys/ })).toHaveAccessibleDescription(/^One line is not a public key/);
  await expect(app.getByRole("alert", { name: "Wrong in own user-data" })).toContainText(/Line 3/);
  await expect(app.getByRole("alert", { name: "Wrong in network configuration" }).getByRole("listitem")).toHaveText([/^Line 3, column 6: a device/, /^Line 4, column \d+: gateway4/]);
  await picture(app, "create-mistakes-dark-1280");
  expect(await faults(app)).toEqual([]);

  // What only the server sees is listed in the review, too, and leads back.
  await app.getByRole("textbox", { name: /^User/ }).fill("ada");
  await app.getByRole("textbox", { name: /^SSH keys/ }).fill("");
  await go(app, "/create?step=options");
  await app.getByRole("textbox", { name: /^Name/ }).fill("web-new");
  await next(app);
  await expect(missing(app)).toContainText([/^Own user-data/, /^Network configuration.*line 3/, /^Network configuration.*line 4/]);
  await missing(app).first().getByRole("button", { name: "Go to cloud-init" }).click();
  await expect(app.getByRole("textbox", { name: "Own user-data" })).toBeVisible();
});
