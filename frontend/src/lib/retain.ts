import { create } from "@bufbuild/protobuf";

import type { ListVMsResponse, VM } from "@/gen/limiquantix/v1/vm_pb";
import { ListVMsResponseSchema } from "@/gen/limiquantix/v1/vm_pb";

/** retain returns an updater that puts one VM, read anew, into a list; other rows keep their identity. */
export function retain(vm: VM) {
  return (list: unknown): unknown => {
    const old = list as ListVMsResponse | undefined;
    if (!old) return list;
    const at = old.vms.findIndex((v) => v.host === vm.host && v.uuid === vm.uuid);
    if (at < 0) return list;
    const vms = old.vms.slice();
    vms[at] = vm;
    return create(ListVMsResponseSchema, { vms, problems: old.problems });
  };
}
