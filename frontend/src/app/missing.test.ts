import { expect, test } from "vitest";

import { Missing, isMissing } from "./missing";

test.each([
  [new TypeError("Failed to fetch dynamically imported module: http://127.0.0.1:1/assets/x.js"), true],
  [new TypeError("error loading dynamically imported module: http://127.0.0.1:1/assets/x.js"), true],
  [new TypeError("Importing a module script failed."), true],
  [new Missing("a part of the page did not come"), true],
  [new TypeError("Failed to fetch"), false],
  [new Error("x is undefined"), false],
  ["Importing a module script failed.", false],
])("%s: files that did not come: %j", (error, want) => expect(isMissing(error)).toBe(want));
