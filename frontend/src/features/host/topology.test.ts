import { expect, test } from "vitest";

import { cpuCount, topologyOf } from "./topology";

test.each([
  [{ cpus: 8, sockets: 1, cores: 4, threads: 2, numaNodes: 1 }, { sockets: 1, cores: 4, threads: 2 }],
  [{ cpus: 64, sockets: 1, cores: 16, threads: 2, numaNodes: 2 }, { sockets: 2, cores: 16, threads: 2 }],
  [{ cpus: 64, sockets: 2, cores: 16, threads: 2, numaNodes: 2 }, { sockets: 2, cores: 16, threads: 2 }],
  [{ cpus: 6, sockets: 1, cores: 4, threads: 2, numaNodes: 1 }, undefined],
  [{ cpus: 0, sockets: 0, cores: 0, threads: 0, numaNodes: 0 }, undefined],
])("the topology of %j is %j", (facts, want) => expect(topologyOf(facts)).toEqual(want));

test.each([["0-7,16-23", 16], ["0", 1], ["0,2,4", 3], ["", 0], ["x,1-", 0], ["7-0", 0]])("%s are %s CPUs", (list, want) => expect(cpuCount(list)).toBe(want));
