import { defineConfig } from "@playwright/test";

import base from "../playwright.config";

// What make bench (bench/page.go) runs: measurements, no tests.
export default defineConfig({ ...base, testDir: ".", testMatch: "*.bench.ts", timeout: 600_000, reporter: [["line"]] });
