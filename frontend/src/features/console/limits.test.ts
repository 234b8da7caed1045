import { deflateSync } from "node:zlib";

import { expect, test } from "vitest";

import { Resizes, cutTextSize, inflateText, rectFault, screenFault } from "./limits";

test.each([
  [640, 480, true],
  [7680, 4320, true],
  [8192, 4882, true],
  [8192, 4883, false],
  [8193, 1, false],
  [1, 8193, false],
  [65535, 65535, false],
  [0, 480, false],
  [640, 0, false],
])("a screen of %i × %i", (width, height, sound) => {
  expect(screenFault(width, height) === undefined).toBe(sound);
});

test.each([
  [{ x: 0, y: 0, width: 640, height: 480 }, true],
  [{ x: 639, y: 479, width: 1, height: 1 }, true],
  [{ x: 1, y: 0, width: 640, height: 480 }, false],
  [{ x: 0, y: 0, width: 65535, height: 65535 }, false],
])("a part at %o", (rect, sound) => {
  expect(rectFault(rect, { width: 640, height: 480 }) === undefined).toBe(sound);
});

test.each([
  [[0, 0, 0, 0, 0, 0, 5], 5, false],
  [[0, 0, 0, 0xff, 0xff, 0xff, 0xfc], 4, true],
  [[0, 0, 0, 0x80, 0, 0, 0], 2 ** 31, true],
  [[0, 0, 0, 0x7f, 0xff, 0xff, 0xff], 2 ** 31 - 1, false],
])("the header %o", (header, bytes, extended) => {
  expect(cutTextSize(new Uint8Array(header))).toEqual({ bytes, extended });
});

test("a burst of resizes is too many, the same over time is not", () => {
  const burst = new Resizes();
  expect(Array.from({ length: 61 }, () => burst.tooMany(0)).pop()).toBe(true);
  const calm = new Resizes();
  expect(Array.from({ length: 200 }, (_, i) => calm.tooMany(i * 1000)).includes(true)).toBe(false);
});

function packed(text: string, claim?: number): Uint8Array<ArrayBuffer> {
  const utf8 = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(claim ?? utf8.length);
  return new Uint8Array(deflateSync(Buffer.concat([length, utf8])));
}

test("the guest's text is unpacked", async () => {
  expect(await inflateText(packed("grüß\r\nGott 👋\0"))).toBe("grüß\nGott 👋");
  expect(await inflateText(packed(""))).toBe("");
});

test.each([
  ["a length of 4 GiB", packed("x", 0xffffffff)],
  ["a bomb of 64 MiB", packed("a".repeat(64 << 20))],
  ["a length that lies", packed("short", 1000)],
  ["noise", new Uint8Array([1, 2, 3, 4, 5, 6, 7])],
  ["nothing", new Uint8Array()],
])("%s is refused", async (_, data) => {
  await expect(inflateText(data)).rejects.toThrow();
});
