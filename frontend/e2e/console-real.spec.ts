import { execFileSync, spawnSync } from "node:child_process";

import { expect, type Page } from "@playwright/test";

import { go, test } from "./page";

// The console of a real guest on a real host: what cuts it off, and how it
// comes back.

const exe = process.env.LIMIQUANTIX_EXE ?? "";
const home = process.env.LIMIQUANTIX_HOME ?? "";
const identity = process.env.LIMIQUANTIX_IDENTITY ?? "";
const [address = "", port = "22"] = (process.env.LIMIQUANTIX_HOST ?? "").split(":");

const vm = (...args: string[]) => execFileSync(exe, ["--home", home, "vm", ...args], { stdio: "ignore" });

/** dropSSH ends all SSH connections to the host, its own among them. */
function dropSSH() {
  const strict = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes"];
  spawnSync("ssh", ["-i", identity, "-p", port, ...strict, `root@${address}`, "pkill -f '[s]shd: root'"]);
}

/** lit is how many pixels of the guest's screen are not black. */
const lit = (app: Page) =>
  app.locator("canvas").first().evaluate((c: HTMLCanvasElement) => {
    const data = c.getContext("2d")?.getImageData(0, 0, c.width, c.height).data ?? [];
    let n = 0;
    for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0) > 90) n++;
    return n;
  });

test("SSH that ends, a VM that stops and starts: the console comes back by itself", async ({ app }) => {
  test.setTimeout(300_000);
  await go(app, "/vms");
  const link = app.getByRole("grid", { name: /VMs/ }).getByRole("link", { name: "web1" });
  await go(app, `${((await link.getAttribute("href")) ?? "").replace(/^#/, "")}/console`);
  await expect(app.getByRole("application", { name: "Screen of web1" })).toBeVisible();
  await expect.poll(() => lit(app), { timeout: 120_000 }).toBeGreaterThan(100);

  dropSSH();
  await expect(app.getByText("Connected again")).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => lit(app)).toBeGreaterThan(100);

  vm("stop", "web1", "-y");
  await expect(app.getByText("web1 is stopped")).toBeVisible({ timeout: 60_000 });
  vm("start", "web1");
  await expect(app.getByText("Connected again")).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => lit(app), { timeout: 120_000 }).toBeGreaterThan(100);
});
