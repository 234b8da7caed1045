import { expect, test } from "vitest";

import { retentionWrongs } from "./retention";

const MiB = 1n << 20n;

test.each([
  [365, 256n * MiB, []],
  [1, MiB, []],
  [3650, MiB << 20n, []],
  [0, MiB, ["days"]],
  [3651, MiB, ["days"]],
  [undefined, undefined, ["days", "bytes"]],
  [9, 5n, ["bytes"]],
  [9, (MiB << 20n) + 1n, ["bytes"]],
])("%s days and %s bytes: wrong is %j", (days, size, want) => expect(Object.keys(retentionWrongs(days, size))).toEqual(want));
