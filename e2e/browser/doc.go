// Package browser holds no code, only tests that use the product's page as its
// users do: Debian's Chromium, driven by Playwright (frontend/e2e), against the
// built program on simulated hosts and on a lab's real one.
package browser
