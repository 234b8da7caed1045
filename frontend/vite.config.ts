import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The page is served by app/server under a strict Content-Security-Policy:
// nothing inline, nothing as data: but images.
//
// npm run dev: LIMIQUANTIX_URL is the address that serve or demo prints; then
// open the dev server's own address with the same "#token=…" behind it.
const api = new URL(process.env.LIMIQUANTIX_URL ?? "http://127.0.0.1:4711").origin;
const proxy = { target: api, changeOrigin: true, ws: true, headers: { origin: api } };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  base: "./",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "^/limiquantix\\.v1\\..*": proxy, "/console?": proxy } },
  build: {
    outDir: "../app/server/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 1500,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
