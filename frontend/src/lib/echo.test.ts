import { expect, test } from "vitest";

import { Echo } from "./echo";

test("the median of the last keys", () => {
  const echo = new Echo();
  for (const [at, took] of [[0, 40], [100, 900], [1100, 42], [1200, 44], [1300, 38]] as const) {
    echo.input(at);
    echo.output(at + took);
  }
  expect(echo.median()).toBe(42);
});

test("the first key counts until the guest answers", () => {
  const echo = new Echo();
  echo.input(0);
  echo.input(30);
  echo.output(50);
  expect(echo.median()).toBe(50);
});

test("output that nobody asked for, and late answers, are not counted", () => {
  const echo = new Echo();
  echo.output(10);
  echo.input(20);
  echo.output(5000);
  expect(echo.median()).toBeUndefined();
});

test("a new connection begins without figure", () => {
  const echo = new Echo();
  echo.input(0);
  echo.output(20);
  echo.forget();
  expect(echo.median()).toBeUndefined();
});
