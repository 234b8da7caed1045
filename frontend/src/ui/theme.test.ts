import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { resolveTheme } from "./theme";

const css = readFileSync(`${import.meta.dirname}/theme.css`, "utf8");

/** The tokens of one theme that are plain colours: name to "#rrggbb". */
function tokens(theme: string): Map<string, string> {
  const block = css.split(`:root[data-theme="${theme}"] {`)[1]?.split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

/** Relative luminance. Source: WCAG 2.2, definition "relative luminance". */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ["canvas", "sunken", "panel", "raised", "overlay"];
const soft = ["accent-soft", "running-soft", "transient-soft", "warning-soft", "failed-soft"];
const states = ["running", "paused", "stopped", "transient", "warning", "failed", "unknown"];

const text = [...["fg", "fg-secondary", "fg-muted", "accent-fg", ...states].flatMap((t) => surfaces.map((s) => [t, s]))];
for (const t of ["fg", "fg-secondary"]) text.push(...soft.map((s) => [t, s]));
text.push(...states.map((t) => [t, "accent-soft"]), ["fg-muted", "accent-soft"], ["accent-fg", "accent-soft"]);
for (const s of ["running", "transient", "warning", "failed"]) text.push([s, `${s}-soft`]);
for (const s of ["accent", "accent-hover", "danger", "danger-hover"]) text.push(["fg-on-accent", s]);
const drawn = [1, 2, 3, 4, 5, 6].map((n) => `chart-${n}`);
const lines = ["line-strong", "accent-line", ...drawn].flatMap((l) => surfaces.map((s) => [l, s]));

describe.each(["dark", "light"])("%s theme", (theme) => {
  const all = tokens(theme);
  const colour = (name = "") => all.get(name) ?? expect.fail(`no token ${name}`);

  test.each(text)("text %s on %s", (a, b) => expect(contrast(colour(a), colour(b))).toBeGreaterThanOrEqual(4.5));
  test.each(lines)("line %s on %s", (a, b) => expect(contrast(colour(a), colour(b))).toBeGreaterThanOrEqual(3));
});

test("both themes have the same tokens", () => {
  const names = (theme: string) => [...tokens(theme).keys()].sort();
  expect(names("light")).toEqual(names("dark"));
});

test.each([
  ["system", true, "dark"],
  ["system", false, "light"],
  ["dark", false, "dark"],
  ["light", true, "light"],
] as const)("choice %s, desktop dark %s: %s", (choice, systemDark, want) => {
  expect(resolveTheme(choice, systemDark)).toBe(want);
});
