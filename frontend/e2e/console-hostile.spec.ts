import { deflateSync } from "node:zlib";

import { expect, test as base, type Page } from "@playwright/test";

import { type Fake, init, painted, serve, u16, u32, u8, update, wholeWebSocket } from "./fake-rfb";
import { env } from "./page";

// Guests and hosts that mean harm, on the other end of a console's WebSocket.
// Whatever they say: the page goes on, no canvas of an absurd size is made, and
// nothing reaches the clipboard.

const test = base.extend<{ app: Page }>({
  app: async ({ page, context }, run) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const thrown: string[] = [];
    page.on("pageerror", (e) => thrown.push(e.message));
    page.on("dialog", (d) => {
      thrown.push(`a dialog: ${d.message()}`);
      void d.dismiss();
    });
    await page.goto(env.url);
    await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
    await page.evaluate(() => navigator.clipboard.writeText("mine"));
    await run(page);
    expect(thrown).toEqual([]);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  },
});

async function openConsole(app: Page, serial = false): Promise<void> {
  await wholeWebSocket(app);
  await app.evaluate(() => (location.hash = "#/vms?q=state%3Arunning%20-is%3Astale"));
  const href = await app.getByRole("grid", { name: /VMs/ }).getByRole("link").first().getAttribute("href");
  await app.evaluate((hash) => (location.hash = hash), `${href}/console${serial ? "?serial=true" : ""}`);
}

/** pixels is the size of the largest canvas of the page. */
const pixels = (app: Page) => app.evaluate(() => Math.max(0, ...[...document.querySelectorAll("canvas")].map((c) => c.width * c.height)));

const refused: [string, Fake, RegExp][] = [
  ["a first size of 65535 × 65535", { init: init(65535, 65535) }, /it claims a size of 65535 × 65535/],
  ["a first size of 8193 × 1", { init: init(8193, 1) }, /it claims a size of 8193 × 1 /],
  ["a first size of 8000 × 8000", { init: init(8000, 8000) }, /it claims a size of 8000 × 8000/],
  ["a first size of nothing", { init: init(0, 0) }, /it claims a size of 0 × 0/],
  ["a name of 4 GiB", { init: init(640, 480, "x", 0xffffffff) }, /its name is too long/],
  ["a later size of 65535 × 65535", { then: (send) => send(update(0, 0, 65535, 65535, -223)) }, /it claims a size/],
  ["a later size of 60000 × 60000, extended", { then: (send) => send(update(0, 0, 60000, 60000, -308, Buffer.concat([u8(1, 0, 0, 0), u32(0), u16(0, 0, 60000, 60000), u32(0)]))) }, /it claims a size/],
  ["raw pixels beside the screen", { then: (send) => send(update(0, 0, 65535, 65535, 0)) }, /it draws beside its own screen/],
  ["packed pixels beside the screen", { then: (send) => send(update(600, 400, 5000, 5000, 7, Buffer.concat([u8(0), u8(0xff, 0xff, 0xff)]))) }, /it draws beside its own screen/],
  ["pictures that nobody asked for", { then: (send) => send(update(0, 0, 64, 64, 21)) }, /it sends pictures that were not asked for/],
  ["an unknown encoding", { then: (send) => send(update(0, 0, 64, 64, 0x1234567)) }, /it sends pictures that were not asked for/],
  ["a pointer of 65535 × 65535", { then: (send) => send(update(0, 0, 65535, 65535, -239)) }, /its pointer is too large/],
  ["another pointer of 65535 × 65535", { then: (send) => send(update(0, 0, 65535, 65535, 0x574d5664)) }, /its pointer is too large/],
  ["a pointer of an unknown kind", { then: (send) => send(update(0, 0, 1, 1, 0x574d5664, u8(9, 0))) }, /its pointer cannot be read/],
  ["a later name of 4 GiB", { then: (send) => send(update(0, 0, 0, 0, -307, u32(0xffffffff))) }, /its name is too long/],
  ["a clipboard of 2 GiB", { then: (send) => send(Buffer.concat([u8(3, 0, 0, 0), u32(0x7fffffff)])) }, /its clipboard is too large/],
  ["a clipboard of -2 GiB", { then: (send) => send(Buffer.concat([u8(3, 0, 0, 0), u32(0x80000000)])) }, /its clipboard is too large/],
  ["sizes without end", { then: (send) => { for (let i = 0; i < 200; i++) send(update(0, 0, 640 + (i % 2), 480, -223)); } }, /it changes its size without end/],
];

for (const [name, fake, want] of refused)
  test(`${name} is refused, and told`, async ({ app }) => {
    await app.routeWebSocket(/\/console\?ticket=/, (ws) => serve(ws, fake));
    await openConsole(app);
    await expect(app.getByRole("region", { name: "Console" }).getByText(want)).toBeVisible();
    expect(await pixels(app)).toBeLessThanOrEqual(8192 * 8192);
    await app.getByRole("button", { name: "Open the serial console" }).click();
    await expect(app.getByRole("radio", { name: "Serial" })).toBeChecked();
  });

const noise = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 7919 + (i >> 8)) & 255));
const lost: [string, Fake][] = [
  ["a message of no kind", { then: (send) => send(u8(77)) }],
  ["noise", { then: (send) => send(noise) }],
  ["a zlib stream that is none", { then: (send) => send(update(0, 0, 640, 480, 16, Buffer.concat([u32(1000), noise.subarray(0, 1000)]))) }],
  ["a bomb in ZRLE", { then: (send) => { const z = deflateSync(Buffer.alloc(64 << 20)); send(update(0, 0, 64, 64, 16, Buffer.concat([u32(z.length), z.subarray(0, z.length)]))); send(u8(77)); } }],
  ["a security type that nobody has", { security: u8(1, 77) }],
  ["a security type that wants plain passwords", { security: u8(2, 19, 30) }],
  ["fences that answer themselves", { then: (send) => send(Buffer.concat([u8(248, 0, 0, 0), u32(0), u8(255), Buffer.alloc(255)])) }],
];

for (const [name, fake] of lost)
  test(`${name} ends the connection and nothing else`, async ({ app }) => {
    await app.routeWebSocket(/\/console\?ticket=/, (ws) => serve(ws, fake));
    await openConsole(app);
    await expect(app.getByRole("region", { name: "Console" }).getByText(/was lost|was refused/).first()).toBeVisible();
    await app.getByRole("link", { name: "Hosts", exact: true }).first().click();
    await expect(app.getByRole("grid", { name: /Hosts/ })).toBeVisible();
  });

test("what a guest copies goes nowhere without consent, and packed bombs are not unpacked", async ({ app }) => {
  const extended = (flags: number, data: Buffer) => Buffer.concat([u8(3, 0, 0, 0), u32(-(data.length + 4)), u32(flags), data]);
  const packed = (claim: number, text: Buffer) => deflateSync(Buffer.concat([u32(claim), text]));
  const caps = extended(0x1f000001, u32(0));
  let say: (b: Buffer) => void = () => undefined;
  await app.routeWebSocket(/\/console\?ticket=/, (ws) =>
    serve(ws, {
      then: (send) => {
        say = send;
        send(painted(640, 480));
        send(caps);
        send(Buffer.concat([u8(3, 0, 0, 0), u32(5), Buffer.from("evil1")]));
        send(extended(0x10000001, packed(5, Buffer.from("evil2"))));
        send(extended(0x10000001, packed(0xffffffff, Buffer.from("evil3"))));
      },
    }),
  );
  await openConsole(app);
  const screen = app.getByRole("application");
  await expect.poll(() => pixels(app)).toBe(640 * 480);
  await app.waitForTimeout(300);
  expect(await app.evaluate(() => navigator.clipboard.readText())).toBe("mine");

  // With consent: texts come, bombs do not.
  await app.getByRole("button", { name: /^Share the clipboard with the guest/ }).click();
  await screen.click();
  say(extended(0x10000001, packed(0x7fffffff, Buffer.alloc(32 << 20))));
  say(extended(0x10000001, packed(6, Buffer.from("guest\0"))));
  await expect.poll(() => app.evaluate(() => navigator.clipboard.readText())).toBe("guest");
  await app.evaluate(() => navigator.clipboard.writeText("mine"));
  await expect(app.getByRole("button", { name: /^Keys go/ })).toBeVisible();
});

test("a server that says nothing is given up and tried again", async ({ app }) => {
  let times = 0;
  await app.routeWebSocket(/\/console\?ticket=/, () => void times++);
  await openConsole(app);
  await expect(app.getByText(/^Connecting to/)).toBeVisible();
  await expect.poll(() => times, { timeout: 40_000 }).toBeGreaterThan(1);
});

test("a serial line writes to the screen and to nothing else", async ({ app }) => {
  const esc = "\u001b";
  let say: (b: Buffer) => void = () => undefined;
  await app.routeWebSocket(/\/console\?ticket=/, (ws) => {
    say = (b) => ws.send(b);
    ws.onMessage(() => undefined);
  });
  await openConsole(app, true);
  const rows = app.locator(".xterm-rows");
  await expect(app.getByText("Connected", { exact: true })).toBeAttached();
  const title = await app.title();
  const url = app.url();
  say(Buffer.from(`${esc}]52;c;${Buffer.from("evil").toString("base64")}\u0007`));
  say(Buffer.from(`${esc}]0;pwned\u0007${esc}]2;pwned\u0007`));
  say(Buffer.from(`${esc}]8;;javascript:document.title='pwned'\u0007press me${esc}]8;;\u0007 https://example.invalid/ <img src=x onerror=document.title='pwned'>\r\n`));
  say(Buffer.from(`${esc}[38;2;255;0;0mtrue colour${esc}[0m\r\n`));
  await expect(rows).toContainText("press me");
  await rows.getByText("press me").click({ force: true });
  await app.keyboard.down("Control");
  await rows.getByText("press me").click({ force: true });
  await app.keyboard.up("Control");
  expect(await app.title()).toBe(title);
  expect(app.url()).toBe(url);
  await expect(rows.locator("a, img")).toHaveCount(0);
  // Its colours are there although the page's policy forbids styles in markup.
  const colour = await rows.getByText("true colour").evaluate((e) => getComputedStyle(e).color);
  expect(colour).not.toBe(await rows.getByText("press me").evaluate((e) => getComputedStyle(e).color));

  // A flood: the page stays usable, and what is left out is told.
  const flood = Buffer.from(`${"x".repeat(200)}\r\n`.repeat(5000));
  for (let i = 0; i < 40; i++) say(flood);
  say(Buffer.from("\r\nthe end\r\n"));
  await app.getByRole("link", { name: "Hosts", exact: true }).first().click();
  await expect(app.getByRole("grid", { name: /Hosts/ })).toBeVisible();
});
