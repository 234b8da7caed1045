import { expect, test } from "vitest";

import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { lackOf } from "./vm-state";

test.each([
  [[], "hosts"],
  [[Host_State.STALE, Host_State.IDLE], "live"],
  [[Host_State.STALE, Host_State.LIVE], undefined],
])("hosts in the states %j lack %s", (states, want) => expect(lackOf(states.map((state) => ({ state })))).toBe(want));
