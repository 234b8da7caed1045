import { describe, expect, test } from "vitest";

import { age, bytes, duration, parseSize, percent, plural } from "./format";

test.each([
  [0, "0 B"], [1023, "1023 B"], [1024, "1 KiB"], [1536, "1.5 KiB"], [1024 ** 3, "1 GiB"], [1023.9 * 1024 ** 2, "1 GiB"],
  [10.25 * 1024 ** 3, "10.3 GiB"], [250 * 1024 ** 3, "250 GiB"], [3n * 1024n ** 4n, "3 TiB"],
])("bytes(%s) is %s", (n, want) => expect(bytes(n)).toBe(want));

test.each([
  ["4G", 4n << 30n], ["4096 MiB", 4n << 30n], ["1.5T", 3n << 39n], ["1,5 GiB", 3n << 29n], ["512", 512n], [" 7kb ", 7n << 10n],
])("parseSize(%s)", (text, want) => expect(parseSize(text)).toBe(want));

describe("parseSize", () => {
  test("reads a bare number in the field's unit", () => expect(parseSize("4", "GiB")).toBe(4n << 30n));
  test.each(["", "G", "-1G", "4X", "1e9", "4 G G", "٤G", "99999999P"])("refuses %j", (text) => expect(parseSize(text)).toBeUndefined());
});

test.each([[1_000, "now"], [30_000, "30 s"], [240_000, "4 min"], [3 * 3_600_000, "3 h"], [50 * 3_600_000, "2 d"], [-5_000, "now"]])(
  "age of %s ms is %s", (ms, want) => expect(age(new Date(1e12 - ms), 1e12)).toBe(want));

test.each([[400, "0.4 s"], [12_400, "12 s"], [185_000, "3 min 5 s"], [7_800_000, "2 h 10 min"]])("duration(%s) is %s", (ms, want) => expect(duration(ms)).toBe(want));
test.each([[0, "0 %"], [0.42, "0.4 %"], [5, "5 %"], [42.4, "42 %"], [-1, "–"]])("percent(%s) is %s", (x, want) => expect(percent(x)).toBe(want));
test("plural", () => expect([plural(1, "VM"), plural(10_000, "VM")]).toEqual(["1 VM", "10,000 VMs"]));
