import { expect, test } from "vitest";

import { gridOf, move, pixelsOf } from "./grid";

test.each([
  [1000, 240, 4, 244],
  [240, 240, 1, 240],
  [200, 240, 1, 200],
  [1900, 140, 12, 151],
  [0, 240, 1, 70],
])("%i px with tiles of %i: %i columns of %i", (space, size, columns, width) => {
  expect(gridOf(space, size)).toMatchObject({ columns, width });
});

test.each([
  ["ArrowRight", 3, 4],
  ["ArrowRight", 9, 9],
  ["ArrowLeft", 0, 0],
  ["ArrowDown", 3, 7],
  ["ArrowDown", 8, 9],
  ["ArrowUp", 2, 0],
  ["Home", 7, 0],
  ["End", 2, 9],
  ["a", 2, undefined],
])("%s from tile %i of 10 in 4 columns", (key, at, want) => {
  expect(move(key, at, 10, 4)).toBe(want);
});

test.each([
  [240, 1, 320],
  [160, 1, 160],
  [240, 2, 480],
  [480, 2, 640],
])("%i px at ratio %i", (width, ratio, want) => {
  expect(pixelsOf(width, ratio)).toBe(want);
});
