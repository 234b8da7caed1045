import { createConnectQueryKey, useQuery, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import type { GetStatsResponse } from "@/gen/limiquantix/v1/metric_pb";
import { MetricService } from "@/gen/limiquantix/v1/metric_pb";
import { useStats } from "@/lib/stats";
import type { Series } from "./history";
import { append, seriesOf } from "./history";

/**
 * useHostHistory is a host's figures over the last hour: what the API kept, then
 * what the stream tells. Both are in the query cache, so that they are still
 * there when one comes back to the page.
 */
export function useHostHistory(host: string): { series: Series; error: unknown } {
  const stats = useStats();
  const queries = useQueryClient();
  const transport = useTransport();
  const { data, error } = useQuery(MetricService.method.getStats, { host }, { refetchOnMount: "always" });
  useEffect(() => {
    const queryKey = createConnectQueryKey({ schema: MetricService.method.getStats, input: { host }, cardinality: "finite", transport });
    return stats.subscribe(`host:${host}`, () => {
      const now = stats.host(host);
      if (now) queries.setQueryData(queryKey, (old: GetStatsResponse | undefined) => append(old, now));
    });
  }, [stats, queries, transport, host]);
  const series = useMemo(() => seriesOf(data), [data]);
  return { series, error: data ? null : error };
}
