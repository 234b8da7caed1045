import { expect, type Page } from "@playwright/test";

import { env, go, picture, test } from "./page";

// The list of VMs and the page of one VM, on the simulated hosts of demo --calm.

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });
const box = (p: Page) => p.getByRole("combobox", { name: "Filter VMs" });
const rows = (p: Page) => grid(p).getByRole("row");
const sheet = (p: Page) => p.getByRole("dialog");

/** openVM goes to a tab of the nth running VM and returns its name. */
async function openVM(p: Page, nth: number, tab: string): Promise<string> {
  await go(p, "/vms?q=state%3Arunning%20host%3A*-kvm*");
  const link = grid(p).getByRole("link").nth(nth);
  const href = (await link.getAttribute("href")) ?? "";
  await go(p, `${href.replace(/^#/, "")}/${tab}`);
  const heading = p.getByRole("main").getByRole("heading", { level: 1 });
  await expect(heading).not.toHaveText("VMs");
  return heading.innerText();
}

test("a query: completed, in the address, pointed at where it is wrong, cleared", async ({ app }) => {
  await go(app, "/vms");
  await expect(rows(app).nth(1)).toBeVisible();
  await app.keyboard.press("/");
  await expect(box(app)).toBeFocused();
  await app.keyboard.type("-st");
  await expect(app.getByRole("option", { name: /state:/ })).toBeVisible();
  await expect(box(app)).not.toHaveAttribute("aria-busy"); // what is offered is for all that was typed
  await app.keyboard.press("ArrowDown");
  await app.keyboard.press("Enter");
  await app.keyboard.type("run"); // at once: the caret is behind what was taken
  await expect(app.getByRole("option", { name: /running/ })).toHaveCount(1);
  await expect(app.getByRole("option", { name: /running/ })).toContainText(/[0-9]/);
  await expect(box(app)).not.toHaveAttribute("aria-busy");
  await app.keyboard.press("Tab");
  await expect(box(app)).toHaveValue("-state:running");
  await expect(app).toHaveURL(/q=-state(:|%3A)running/);
  await expect(grid(app).getByText("running", { exact: true })).toHaveCount(0);
  await box(app).fill("sate:running web");
  await expect(box(app)).toHaveAttribute("aria-invalid", "true");
  await expect(app.getByText("did you mean state?").first()).toBeAttached();
  await expect(grid(app).getByRole("link", { name: /^web/ }).first()).toBeVisible();
  await picture(app, "vms-query-wrong");
  await app.reload();
  await expect(box(app)).toHaveValue("sate:running web");
  await box(app).press("Escape");
  await box(app).press("Escape");
  await expect(box(app)).toHaveValue("");
  await box(app).fill("name:nobody");
  await app.getByRole("button", { name: "Clear filters" }).click();
  await expect(rows(app).nth(1)).toBeVisible();
});

test("the keyboard opens a VM; several are powered off by one sheet", async ({ app }) => {
  await go(app, "/vms?q=state%3Arunning%20host%3A*-kvm2");
  await expect(rows(app).nth(3)).toBeVisible();
  const before = Number(await grid(app).getAttribute("aria-rowcount"));
  await box(app).press("ArrowDown");
  await app.keyboard.press("x");
  await app.keyboard.press("Shift+ArrowDown");
  const bar = app.getByRole("toolbar", { name: "Selected rows" });
  await expect(bar).toContainText("2 selected");
  await expect(box(app)).toBeVisible();
  await bar.getByRole("button", { name: "Power off" }).click();
  await expect(sheet(app)).toContainText("Power off 2 VMs");
  await sheet(app).getByRole("button", { name: "Power off 2 VMs" }).click();
  await expect(grid(app)).toHaveAttribute("aria-rowcount", String(before - 2));
  await expect(app.getByText("Power off 2 VMs: 2 done")).toBeVisible();
  await expect(bar).toContainText("The filter hides them all"); // they do not run any more
  await bar.getByRole("button", { name: "Clear selection" }).click();
  await expect(bar).toBeHidden();
  await box(app).press("ArrowDown");
  await app.keyboard.press("Enter");
  await expect(app.getByRole("navigation", { name: /^Parts of/ })).toBeVisible();
});

test("settings: wrong ones are refused, right ones act at the next boot", async ({ app }) => {
  await openVM(app, 0, "hardware");
  await app.getByLabel("vCPUs").fill("0");
  await expect(app.getByText("It needs a whole number from 1 to 288")).toBeVisible();
  await app.getByRole("textbox", { name: "Memory" }).fill("900 TiB");
  await expect(app.getByRole("textbox", { name: "Memory" })).toHaveAccessibleDescription(/has .* GiB: give the VM less/);
  await app.getByRole("button", { name: "Discard" }).click();
  await app.getByLabel("vCPUs").fill("3");
  await app.getByLabel("Title").fill("<b>Shop</b>");
  await app.getByRole("button", { name: "Review changes" }).click();
  await expect(sheet(app)).toContainText("at next boot");
  await sheet(app).getByRole("button", { name: /^Change / }).click();
  await expect(app.getByText(/^Has \d+ until its next boot$/)).toBeVisible();
  await expect(app.getByLabel("vCPUs")).toHaveValue("3");
  await expect(app.getByRole("main").getByText("<b>Shop</b>")).toBeVisible();
});

test("XML: a diff before saving; who else changes it is told of, and nothing is lost", async ({ app, context }) => {
  const name = await openVM(app, 1, "xml");
  const editor = app.getByRole("textbox", { name: `Saved XML of ${name}` });
  await editor.getByText("on_crash", { exact: true }).first().click();
  await app.keyboard.press("End");
  await app.keyboard.press("Shift+Home");
  await app.keyboard.insertText("  <on_crash>coredump-restart</on_crash>");
  await app.getByRole("button", { name: "Show changes" }).click();
  await expect(app.getByRole("textbox", { name: `Changes of ${name}` })).toContainText("coredump-restart");

  const other = await context.newPage();
  await other.goto(env.url);
  await expect(other.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await go(other, new URL(app.url()).hash.slice(1).replace("/xml", "/notes"));
  await other.getByRole("button", { name: /(Write|Edit) notes/ }).click();
  await other.getByRole("textbox", { name: "Notes" }).fill("# Owner\n- Ops https://wiki.example.org");
  await other.getByRole("button", { name: "Review changes" }).click();
  await sheet(other).getByRole("button", { name: "Save notes" }).click();
  await expect(other.getByRole("heading", { name: "Owner" })).toBeVisible();
  await other.close();

  await expect(app.getByText("was changed by someone else since you began")).toBeVisible();
  await app.getByRole("button", { name: "Show what changed" }).click();
  await expect(app.getByRole("textbox", { name: `What others changed in ${name}` })).toContainText("Owner");
  await picture(app, "vm-xml-conflict");
  await app.getByRole("button", { name: "Discard" }).click();

  await editor.getByText("on_crash", { exact: true }).first().click();
  await app.keyboard.press("End");
  await app.keyboard.press("Shift+Home");
  await app.keyboard.insertText("  <on_crash>restart</on_crash>");
  await app.reload(); // what is typed survives it
  await expect(editor).toContainText("<on_crash>restart</on_crash>");
  await app.getByRole("button", { name: "Show changes" }).click();
  await app.getByRole("button", { name: "Save changes" }).click();
  await sheet(app).getByRole("button", { name: `Save XML of ${name}` }).click();
  await expect(app.getByText("What is saved on the host, for its next boot. Type to change it.")).toBeVisible();
  await expect(editor).toContainText("<on_crash>restart</on_crash>");
});

test("a VM that is not there: a sentence, and a way back", async ({ app }) => {
  await go(app, "/vms/nowhere/00000000-0000-4000-8000-000000000000/xml");
  await expect(app.getByText("No host is called nowhere")).toBeVisible();
  await app.getByRole("link", { name: "Show all VMs" }).click();
  await expect(rows(app).nth(1)).toBeVisible();
});
