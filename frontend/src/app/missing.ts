import { lazyRouteComponent } from "@tanstack/react-router";

/** Missing is the error of a part of the page whose files did not come. */
export class Missing extends Error {}

/** isMissing tells whether files did not come. The texts are Chromium's, Firefox's and WebKit's for import(). */
export function isMissing(error: unknown): boolean {
  if (error instanceof Missing) return true;
  return error instanceof Error && /^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed)/.test(error.message);
}

/**
 * part is a route's component, loaded when it is first shown. The router itself
 * would reload the page when that fails, and leave nothing while the server is away.
 */
export function part<T extends Record<string, unknown>, K extends keyof T>(load: () => Promise<T>, name: K) {
  const told = () =>
    load().catch((e: unknown) => {
      throw new Missing("a part of the page did not come", { cause: e });
    });
  return lazyRouteComponent(told, name as string) as ReturnType<typeof lazyRouteComponent<T, K>>;
}
