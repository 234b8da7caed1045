import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, test as base, type ConsoleMessage, type Page } from "@playwright/test";

/** What the Go test that runs us has prepared. */
export const env = {
  /** The address that serve or demo printed, with its token. */
  url: need("LIMIQUANTIX_URL"),
  /** Where pictures go; empty: they are not kept. */
  pictures: process.env.LIMIQUANTIX_PICTURES ?? "",
};

function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests are run by go test ./e2e/browser`);
  return value;
}

/** test fails when the page logs an error, throws, or runs script that a name brought along. */
export const test = base.extend<{ app: Page }>({
  app: async ({ page }, play) => {
    const wrong: string[] = [];
    page.on("pageerror", (e) => wrong.push(`thrown: ${e.stack ?? e.message}`));
    // Chromium logs every answer of an error; the API's own are shown by the page.
    const refused = (m: ConsoleMessage) => m.text().includes("status of 40") && m.location().url.includes("/limiquantix.v1.") && !m.text().includes("401");
    // It logs, too, what is sent on a line that is just being lost: the page tells of the loss.
    const lost = (m: ConsoleMessage) => m.text().startsWith("WebSocket is already in CLOSING or CLOSED state");
    page.on("console", (m) => m.type() === "error" && !refused(m) && !lost(m) && wrong.push(`logged: ${m.text()} ${m.location().url}`));
    page.on("dialog", (d) => {
      wrong.push(`a dialog: ${d.message()}`);
      void d.dismiss();
    });
    await page.goto(env.url);
    await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
    await play(page);
    expect(wrong).toEqual([]);
  },
});

/** go opens a page by its address behind the '#'. */
export async function go(page: Page, route: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#${route}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** faults returns what axe finds serious or critical, a line each. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe); // by the debugger: the page's own policy forbids foreign script
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (o: object) => Promise<{ violations: Violation[] }> } }).axe.run;
    interface Violation {
      id: string;
      impact: string;
      nodes: { target: string[]; failureSummary: string }[];
    }
    const { violations } = await run({ resultTypes: ["violations"] });
    return violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.impact} ${v.id}: ${n.target.join(" ")}: ${n.failureSummary.split("\n").slice(1, 3).join("; ")}`));
  });
}

/** picture keeps what the page looks like under a name, when pictures are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
  if (env.pictures) await page.screenshot({ path: `${env.pictures}/${name}.png` });
}

/** theme shows the page dark or light. */
export async function theme(page: Page, choice: "dark" | "light"): Promise<void> {
  await page.evaluate((t) => {
    localStorage.setItem("limiquantix.theme", t);
    document.documentElement.dataset.theme = t;
    window.dispatchEvent(new Event("limiquantix:theme"));
  }, choice);
}
