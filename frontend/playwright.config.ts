import { defineConfig } from "@playwright/test";

// The tests in e2e/browser (Go) start what is tried and run these against it:
// Debian's Chromium, the built page, served with its Content-Security-Policy.
export default defineConfig({
  testDir: "e2e",
  outputDir: process.env.LIMIQUANTIX_RESULTS ?? "test-results",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    colorScheme: "dark",
    actionTimeout: 30_000,
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
});
