import { ReadinessService } from "@/gen/limiquantix/v1/readiness_pb";
import { client } from "@/lib/api";
import { operate } from "@/lib/operate";
import type { Target } from "./obstacle-view";

/** mend shows the plan that gives a host what it lacks. */
export function mend({ host = "", spec }: Target) {
  void operate({
    call: (ask) => client(ReadinessService).prepareHost(spec ? { spec, ...ask } : { host, ...ask }),
    act: "Prepare host",
  });
}
