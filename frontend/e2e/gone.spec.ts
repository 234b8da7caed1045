import { execFileSync, spawnSync } from "node:child_process";

import { expect, type Page } from "@playwright/test";

import { env, go, picture, test } from "./page";

// What is on the screen goes behind the page's back, on a real host: by virsh,
// and by the command line.

const exe = process.env.LIMIQUANTIX_EXE ?? "";
const home = process.env.LIMIQUANTIX_HOME ?? "";
const identity = process.env.LIMIQUANTIX_IDENTITY ?? "";
const [address = "", port = "22"] = (process.env.LIMIQUANTIX_HOST ?? "").split(":");

/** onHost runs a command on the host, past us; the machine of the host is its own, with its own processes. */
function onHost(...command: string[]) {
  const strict = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes"];
  return spawnSync("ssh", ["-i", identity, "-p", port, ...strict, `root@${address}`, ...command], { stdio: "ignore" }).status;
}

const limiquantix = (...args: string[]) => execFileSync(exe, ["--home", home, ...args], { stdio: "ignore" });

async function hrefOf(app: Page, name: string): Promise<string> {
  await go(app, "/vms");
  return ((await app.getByRole("grid", { name: "VMs" }).getByRole("link", { name, exact: true }).getAttribute("href")) ?? "").replace(/^#/, "");
}

test("what another administrator writes with virsh is on the page that is open", async ({ app }) => {
  const page = await hrefOf(app, "gone2");
  await go(app, `${page}/hardware`);
  const title = app.getByRole("textbox", { name: "Title" });
  await expect(title).toHaveValue("gone2"); // as it was defined
  expect(onHost("virsh", "desc", "gone2", "--config", "--title", "--new-desc", "theirs")).toBe(0);
  await expect(title).toHaveValue("theirs");
  await go(app, `${page}/notes`);
  expect(onHost("virsh", "desc", "gone2", "--config", "--new-desc", "bythem")).toBe(0);
  await expect(app.getByRole("main").getByText("bythem")).toBeVisible();
});

test("a VM that virsh undefines: its page, its console, its sheet", async ({ app, context }) => {
  const gone = await hrefOf(app, "gone1");
  await go(app, gone);
  await app.getByRole("button", { name: "Start" }).first().waitFor();
  const alone = await context.newPage();
  await alone.goto(env.url);
  await expect(alone.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await go(alone, gone.replace("/vms/", "/console/"));
  await expect(alone.getByText("gone1 is stopped")).toBeVisible();

  expect(onHost("virsh", "undefine", "gone1")).toBe(0);
  await expect(app.getByText("VM gone1 is no longer on kvm1")).toBeVisible();
  await expect(app.getByText("by another program")).toBeVisible();
  await expect(app.getByRole("navigation", { name: /^Parts of/ })).toHaveCount(0);
  await picture(app, "vm-gone");
  await expect(alone.getByText("VM gone1 is no longer on kvm1")).toBeVisible();
  await alone.close();
  await app.getByRole("link", { name: "Show all VMs" }).click();
  await expect(app.getByRole("grid", { name: "VMs" })).toBeVisible();
});

test("a VM that limiquantix deletes elsewhere: the task is named", async ({ app }) => {
  await go(app, await hrefOf(app, "gone2"));
  await expect(app.getByRole("heading", { name: "gone2" })).toBeVisible();
  limiquantix("vm", "delete", "gone2", "-y");
  await expect(app.getByText("VM gone2 is no longer on kvm1")).toBeVisible();
  await app.getByRole("link", { name: "Show the task" }).click();
  await expect(app.getByRole("main").getByText(/gone2/).first()).toBeVisible();
});

test("a host that is away keeps what it told on the lists; removed, it is gone from its page", async ({ app }) => {
  await go(app, "/networks");
  const networks = app.getByRole("grid", { name: "Networks" });
  await expect(networks.getByRole("link", { name: "default" })).toBeVisible();
  onHost("pkill -x sshd"); // this connection ends with it
  await expect(app.getByText("Its networks are shown as they were.")).toBeVisible();
  await expect(networks.getByRole("link", { name: "default" })).toBeVisible();
  await picture(app, "networks-away");
  await go(app, "/hosts/kvm1");
  await expect(app.getByRole("heading", { name: "kvm1" })).toBeVisible();
  limiquantix("host", "remove", "kvm1", "-y");
  await expect(app.getByText("There is no host kvm1 here")).toBeVisible();
});
