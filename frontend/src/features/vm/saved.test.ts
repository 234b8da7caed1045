import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMSchema } from "@/gen/limiquantix/v1/vm_pb";
import { savedOf } from "./saved";

const vm = create(VMSchema, { vcpus: 2, memoryBytes: 1n << 30n });

test.each([
  ["<domain><memory unit='KiB'>8388608</memory><currentMemory>4194304</currentMemory><vcpu current='3'>8</vcpu></domain>", 3, 4n << 30n],
  ["<domain><memory unit='GiB'>2</memory><vcpu placement='static'>4</vcpu></domain>", 4, 2n << 30n],
  ["<domain><memory unit='parsec'>2</memory><vcpu>many</vcpu></domain>", 2, 1n << 30n],
  ["<domain><vcpu>0</vcpu>", 2, 1n << 30n],
  ["", 2, 1n << 30n],
])("%s", (xml, vcpus, memoryBytes) => expect(savedOf(xml, vm)).toEqual({ vcpus, memoryBytes }));
