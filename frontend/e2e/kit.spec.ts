import { expect, type Locator, type Page } from "@playwright/test";

import { faults, go, picture, test, theme } from "./page";

// The components themselves, on the page that shows them in every state: under
// the real Content-Security-Policy (what it refuses is logged as an error, and
// then the test fails), in both themes, by keyboard, and with 10,000 rows.

const parts = ["tokens", "controls", "states", "overlays", "table", "charts"];

async function part(app: Page, name: string) {
  await go(app, `/kit?part=${name}`);
  await expect(app.getByRole("navigation", { name: "Parts of the kit" }).locator("[aria-current]")).toBeVisible();
}

for (const name of parts)
  test(`the kit's ${name} have no serious fault, dark and light`, async ({ app }) => {
    await part(app, name);
    await app.waitForTimeout(600); // editors and charts come late
    for (const choice of ["dark", "light"] as const) {
      await theme(app, choice);
      expect(await faults(app), choice).toEqual([]);
      await picture(app, `kit-${name}-${choice}`);
    }
  });

const opened: [button: string, role: "dialog" | "menu"][] = [
  ["Open dialog", "dialog"],
  ["Open sheet", "dialog"],
  ["Open typed confirmation", "dialog"],
  ["Open confirmation", "dialog"],
  ["Open menu", "menu"],
  ["Open popover", "dialog"],
];

for (const [button, role] of opened)
  test(`${button}: no serious fault, Esc closes it, the focus returns`, async ({ app }) => {
    await part(app, "overlays");
    const opener = app.getByRole("button", { name: button, exact: true });
    await opener.click();
    await expect(app.getByRole(role)).toBeVisible();
    expect(await faults(app)).toEqual([]);
    await app.keyboard.press("Escape");
    await expect(app.getByRole(role)).toHaveCount(0);
    await expect(opener).toBeFocused();
  });

test("what was typed into a dialog is not lost by Esc, and Esc closes the topmost thing only", async ({ app }) => {
  await part(app, "overlays");
  await app.getByRole("button", { name: "Open dialog" }).click();
  const dialog = app.getByRole("dialog", { name: "Rename web1" });
  await dialog.getByLabel("Folder").click();
  await expect(app.getByRole("listbox")).toBeVisible();
  await app.keyboard.press("Escape");
  await expect(app.getByRole("listbox")).toHaveCount(0);
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("New name").fill("web2");
  await app.keyboard.press("Escape");
  await expect(dialog.getByText("What you entered is not saved.")).toBeVisible();
  await expect(dialog.getByLabel("New name")).toHaveValue("web2");
  await dialog.getByRole("button", { name: "Discard it" }).click();
  await expect(dialog).toHaveCount(0);
});

test("a name must be typed before what can't be undone", async ({ app }) => {
  await part(app, "overlays");
  await app.getByRole("button", { name: "Open typed confirmation" }).click();
  const dialog = app.getByRole("dialog");
  const act = dialog.getByRole("button", { name: "Delete web1 and 2 volumes" });
  await act.click({ force: true });
  await expect(dialog).toBeVisible();
  await dialog.getByRole("textbox").fill("web1");
  await act.click();
  await expect(dialog).toHaveCount(0);
});

test("a field's error is reached from the server's sentence", async ({ app }) => {
  await part(app, "controls");
  await app.getByRole("button", { name: "Go to the field" }).click();
  await expect(app.getByRole("textbox", { name: "Name" })).toBeFocused();
});

const rowAt = (grid: Locator, index: number) => grid.locator(`[role=row][data-index="${index}"]`);

test("the table by keyboard: 10,000 rows, few nodes", async ({ app }) => {
  await app.setViewportSize({ width: 1920, height: 1080 });
  await part(app, "table");
  const grid = app.getByRole("grid", { name: "VMs of the kit" });
  await expect(grid).toHaveAttribute("aria-rowcount", "10001");
  const selected = () => app.getByRole("toolbar", { name: "Selected rows" });

  await app.getByRole("searchbox", { name: "Filter VMs of the kit" }).press("ArrowDown");
  await expect(rowAt(grid, 0)).toBeFocused();
  for (const key of ["j", "ArrowDown", "x", "Shift+ArrowDown", "Shift+ArrowDown"]) await app.keyboard.press(key);
  await expect(selected()).toContainText("3 selected");
  await app.keyboard.press("End");
  await expect(rowAt(grid, 9999)).toBeFocused();
  await app.keyboard.press("Home");
  await expect(rowAt(grid, 0)).toBeFocused();
  await app.keyboard.press("Control+a");
  await expect(selected()).toContainText("10,000 selected");
  expect(await app.locator("*").count()).toBeLessThanOrEqual(1500);
  await app.keyboard.press("Escape");
  await expect(selected()).toHaveCount(0);
  await app.keyboard.press(".");
  await expect(app.getByRole("menu")).toContainText("web1");
  await app.keyboard.press("Escape");
  await expect(app.getByRole("menu")).toHaveCount(0);
  await expect(rowAt(grid, 0)).toBeFocused();
  await app.keyboard.press("Enter");
  await expect(app).toHaveURL(/row=vm-0/);
});

test("the table filters, says what hides everything, sorts by several and remembers it", async ({ app }) => {
  await part(app, "table");
  const grid = app.getByRole("grid", { name: "VMs of the kit" });
  const box = app.getByRole("searchbox", { name: "Filter VMs of the kit" });
  await box.fill("web nothing-of-it");
  await expect(app.getByText("The filters hide all 10,000 VMs.")).toBeVisible();
  await app.getByRole("button", { name: "Clear filters" }).click();
  await expect(rowAt(grid, 0)).toBeVisible();

  await grid.getByRole("button", { name: "Memory", exact: true }).click();
  await grid.getByRole("button", { name: "Name", exact: true }).click({ modifiers: ["Shift"] });
  await app.reload();
  await expect(grid.getByRole("columnheader", { name: /^Memory/ })).toHaveAttribute("aria-sort", "ascending");
  await expect(grid.getByRole("columnheader", { name: /Name/ })).toHaveAttribute("aria-sort", "ascending");

  await grid.getByRole("button", { name: "Filter by state" }).click();
  await app.getByRole("checkbox", { name: /failed/ }).check();
  await expect(app.getByText("1,000 of 10,000 VMs")).toBeVisible();
});

test("what a table shows when there is nothing to show", async ({ app }) => {
  await part(app, "table");
  for (const [state, words] of [["empty", "No VMs on kvm1"], ["loading", "Loading VMs"], ["failed", "Host kvm3 is not reachable"], ["stale", "Try again"]] as const) {
    await app.getByRole("radio", { name: state }).click();
    await expect(app.getByText(words).first()).toBeAttached();
    expect(await faults(app), state).toEqual([]);
    await picture(app, `kit-table-${state}`);
  }
});

test("an edit shows in the diff, under the policy of the page", async ({ app }) => {
  await part(app, "charts");
  const editor = app.getByRole("textbox", { name: "XML of web1" });
  await editor.click();
  await app.keyboard.press("Control+End");
  await app.keyboard.type("typed-here");
  await expect(app.getByRole("textbox", { name: "Changes of web1" })).toContainText("typed-here");
});
