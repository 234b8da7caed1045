import { createConnectQueryKey, useQuery, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import type { GetStatsResponse } from "@/gen/limiquantix/v1/metric_pb";
import { MetricService } from "@/gen/limiquantix/v1/metric_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { useStats } from "@/lib/stats";
import { vmRef } from "@/lib/vm-actions";
import { append, seriesOf, type Series } from "./history";

/**
 * useHistory is a VM's figures over the last hour: what the API kept, then what
 * the stream tells. Both are in the query cache, so that they are still there
 * when one comes back to the page.
 */
export function useHistory(vm: VM): { series: Series; loading: boolean; problem: Problem | undefined } {
  const key = vmRef(vm);
  const stats = useStats();
  const queries = useQueryClient();
  const transport = useTransport();
  const { data, error, isPending } = useQuery(MetricService.method.getStats, { vm: key }, { refetchOnMount: "always" });
  useEffect(() => {
    const queryKey = createConnectQueryKey({ schema: MetricService.method.getStats, input: { vm: key }, cardinality: "finite", transport });
    const take = () => {
      const v = stats.vm(key);
      const at = stats.vmAt(key);
      if (v && at !== undefined) queries.setQueryData(queryKey, (old: GetStatsResponse | undefined) => append(old, v, at));
    };
    return stats.subscribe(key, take);
  }, [stats, queries, transport, key]);
  const series = useMemo(() => seriesOf(data), [data]);
  return { series, loading: isPending, problem: error && !data ? problemOf(error) : undefined };
}
