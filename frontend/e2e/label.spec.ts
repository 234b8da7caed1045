import { expect, type Page } from "@playwright/test";

import { faults, go, picture, test } from "./page";

// Tags, folders, fields and notes of VMs, on the simulated hosts of demo --calm.

const grid = (p: Page) => p.getByRole("grid", { name: "VMs" });
const dialog = (p: Page) => p.getByRole("dialog");
const tree = (p: Page) => p.getByRole("tree", { name: "Inventory" });
const evil = "<img src=x onerror=alert(1)>";

/** choose opens the menu of the nth row that is running, and takes a line of it. */
async function choose(p: Page, nth: number, line: string): Promise<string> {
  await go(p, "/vms?q=state%3Arunning%20host%3A*-kvm*");
  const row = grid(p).getByRole("row").filter({ has: p.getByRole("link") }).nth(nth);
  const name = await row.getByRole("link").first().innerText();
  await row.click({ button: "right" });
  await p.getByRole("menuitem", { name: line }).click();
  await expect(dialog(p)).toBeVisible();
  return name;
}

test("a tag is added, found, shown in the tree, and taken back", async ({ app }) => {
  const name = await choose(app, 0, "Tags …");
  await dialog(app).getByRole("textbox", { name: "Find or add a tag" }).fill(evil);
  await app.keyboard.press("Enter");
  await dialog(app).getByRole("textbox", { name: "Find or add a tag" }).fill("a,b");
  await expect(dialog(app).getByText("It must not contain a comma")).toBeVisible();
  await dialog(app).getByRole("textbox", { name: "Find or add a tag" }).fill("");
  await expect(dialog(app).getByRole("checkbox", { name: evil })).toBeChecked();
  expect(await faults(app)).toEqual([]);
  await picture(app, "label-tags");
  await dialog(app).getByRole("button", { name: "Save tags" }).click();
  await expect(grid(app).getByRole("listitem").filter({ hasText: evil }).first()).toBeVisible();

  await app.getByRole("radio", { name: "Tags" }).click();
  await tree(app).getByRole("treeitem", { name: evil }).click();
  await expect(app).toHaveURL(/q=tag/);
  await expect(grid(app).getByRole("row").filter({ has: app.getByRole("link") })).toHaveCount(1);
  await expect(grid(app).getByRole("link", { name, exact: true })).toBeVisible();
  await app.getByRole("button", { name: "Undo" }).first().click();
  await expect(tree(app).getByRole("treeitem", { name: evil })).toHaveCount(0);
  await app.getByRole("radio", { name: "Hosts" }).click();
});

test("several VMs move to a folder as one task", async ({ app }) => {
  await go(app, "/vms?q=state%3Arunning%20host%3A*-kvm*");
  const rows = grid(app).getByRole("row").filter({ has: app.getByRole("link") });
  await rows.nth(1).getByRole("checkbox").click();
  await rows.nth(2).getByRole("checkbox").click();
  await app.getByRole("button", { name: "More for the selected VMs" }).click();
  await app.getByRole("menuitem", { name: "Move to folder …" }).click();
  await dialog(app).getByRole("textbox", { name: "Folder" }).fill("/prod/../x");
  await expect(dialog(app).getByText("It must not contain '.'")).toBeVisible();
  await dialog(app).getByRole("textbox", { name: "Folder" }).fill("/prod/shop");
  await picture(app, "label-folder");
  await dialog(app).getByRole("button", { name: "Move to /prod/shop" }).click();
  await expect(app.getByText("Move to /prod/shop: 2 VMs").first()).toBeVisible();
  await app.getByRole("radio", { name: "Folders" }).click();
  await tree(app).getByRole("treeitem", { name: /^prod.*2 VMs/ }).focus();
  await app.keyboard.press("ArrowRight");
  await tree(app).getByRole("treeitem", { name: /^shop.*2 VMs/ }).click();
  await expect(rows).toHaveCount(2);
  expect(await faults(app)).toEqual([]);
  await picture(app, "label-folders");
  await app.getByRole("radio", { name: "Hosts" }).click();
});

test("a field becomes a column; a link in it opens outside only where it is one", async ({ app }) => {
  const name = await choose(app, 0, "Fields …");
  await dialog(app).getByRole("textbox", { name: "New field" }).fill("wiki");
  await app.keyboard.press("Enter");
  await dialog(app).getByRole("textbox", { name: "wiki" }).fill("https://wiki.example.org/a");
  await dialog(app).getByRole("combobox", { name: "Kind of wiki" }).click();
  await app.getByRole("option", { name: "Link" }).click();
  await picture(app, "label-fields");
  await dialog(app).getByRole("button", { name: "Save fields" }).click();
  await app.getByRole("button", { name: "Columns" }).click();
  const chosen = app.getByRole("checkbox", { name: "wiki" });
  if (!(await chosen.isChecked())) await chosen.click();
  await app.keyboard.press("Escape");
  const link = grid(app).getByRole("link", { name: "https://wiki.example.org/a" });
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
  await expect(link).toHaveAttribute("target", "_blank");
  await go(app, `/vms?q=${encodeURIComponent("cf.wiki:*wiki.example*")}`);
  await expect(grid(app).getByRole("link", { name, exact: true })).toBeVisible();
});

test("labels and notes stand on the page of the VM", async ({ app }) => {
  await go(app, "/vms?q=state%3Arunning%20host%3A*-kvm*");
  const href = (await grid(app).getByRole("link").nth(3).getAttribute("href")) ?? "";
  await go(app, href.replace(/^#/, ""));
  await app.getByRole("region", { name: "Labels" }).getByRole("button", { name: "Edit tags" }).click();
  await dialog(app).getByRole("textbox", { name: "Find or add a tag" }).fill("שלום");
  await app.keyboard.press("Enter");
  await dialog(app).getByRole("button", { name: "Save tags" }).click();
  await expect(app.getByRole("region", { name: "Labels" }).getByRole("link", { name: "שלום" })).toBeVisible();
  await picture(app, "label-page");

  await go(app, `${href.replace(/^#/, "")}/notes`);
  await app.getByRole("button", { name: /(Write|Edit) notes/ }).click();
  await app.getByRole("textbox", { name: "Notes" }).fill(`# Shop\n\nSee https://wiki.example.org and ${evil}`);
  await app.getByRole("button", { name: "Review changes" }).click();
  await dialog(app).getByRole("button", { name: "Save notes" }).click();
  await expect(app.getByRole("region", { name: "Notes" }).getByRole("link", { name: "https://wiki.example.org" })).toHaveAttribute("rel", "noopener noreferrer");
  await expect(app.getByRole("region", { name: "Notes" }).getByText(evil)).toBeVisible();
});
