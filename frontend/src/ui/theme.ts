/**
 * Theme and density: what the user chose, kept by the browser, shown as
 * data-theme and data-density on <html>. public/theme.js does the same before
 * the first paint; both must agree on keys and values.
 */
import { useSyncExternalStore } from "react";

import { local } from "@/lib/storage";

/** What the user chose; "system" follows the desktop. */
export type ThemeChoice = "system" | "dark" | "light";
/** What is on the screen. */
export type Theme = "dark" | "light";
/** Height of rows and controls. */
export type Density = "normal" | "compact";

const themeKey = "limiquantix.theme";
const densityKey = "limiquantix.density";
const changed = "limiquantix:theme";
const darkQuery = "(prefers-color-scheme: dark)";

/** The theme for a choice, given what the desktop prefers. */
export function resolveTheme(choice: ThemeChoice, systemDark: boolean): Theme {
  if (choice === "system") return systemDark ? "dark" : "light";
  return choice;
}

/** What the user chose; "system" when nothing valid is stored. */
export function themeChoice(): ThemeChoice {
  const value = local.getItem(themeKey);
  return value === "dark" || value === "light" ? value : "system";
}

/** The density that the user chose. */
export function density(): Density {
  return local.getItem(densityKey) === "compact" ? "compact" : "normal";
}

/** What is on the screen now. */
export function shownTheme(): Theme {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

function show(choice: ThemeChoice, rows: Density): void {
  const root = document.documentElement;
  root.dataset.theme = resolveTheme(choice, matchMedia(darkQuery).matches);
  root.dataset.density = rows;
  window.dispatchEvent(new Event(changed));
}

/** Stores and shows a choice of theme. */
export function setTheme(choice: ThemeChoice): void {
  local.setItem(themeKey, choice);
  show(choice, density());
}

/** Stores and shows a density. */
export function setDensity(rows: Density): void {
  local.setItem(densityKey, rows);
  show(themeChoice(), rows);
}

/** Follows the desktop and other windows of ours; returns how to stop. Call once, at start. */
export function followTheme(): () => void {
  const again = () => show(themeChoice(), density());
  const media = matchMedia(darkQuery);
  media.addEventListener("change", again);
  window.addEventListener("storage", again);
  return () => {
    media.removeEventListener("change", again);
    window.removeEventListener("storage", again);
  };
}

function subscribe(notify: () => void): () => void {
  window.addEventListener(changed, notify);
  return () => window.removeEventListener(changed, notify);
}

/** The theme on the screen; renders again when it changes. For canvases: all else follows tokens by CSS. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, shownTheme);
}

/** The stored choice; renders again when it changes. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, themeChoice);
}

/** The density; renders again when it changes. */
export function useDensity(): Density {
  return useSyncExternalStore(subscribe, density);
}

/** The value of a token of theme.css, such as "accent" or "fg-muted", as CSS writes it. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
