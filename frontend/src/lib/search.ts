import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Found, View } from "@/gen/limiquantix/v1/search_pb";
import { SearchService } from "@/gen/limiquantix/v1/search_pb";
import { charsBefore, offersOf, problemsOf, type Completion, type Problem } from "./query-text";

const NONE: Found[] = [];
const NO_VIEWS: View[] = [];
const NO_PROBLEMS: Problem[] = [];
const NO_OFFERS: Completion[] = [];

/** Kind of object that can be searched. */
export type Kind = "host" | "vm" | "network" | "pool" | "volume" | "task";

/**
 * useFound asks the server which objects a query finds; lib/watch.ts has it asked
 * again when they change. Until the first answer keys is undefined; while
 * another query is asked, it is what the last one found. An empty query asks nothing.
 */
export function useFound(query: string, kinds: Kind[], limit = 0) {
  const enabled = query.trim() !== "";
  const q = useQuery(SearchService.method.search, { query, kinds, limit, lenient: true, offline: true }, { enabled, placeholderData: keepPreviousData });
  const data = enabled ? q.data : undefined;
  /** "kvm1/uuid", "/kvm1" for a host. */
  const keys = useMemo(() => data && new Set(data.found.map((f) => `${f.host}/${f.id}`)), [data]);
  const problems = useMemo(() => (data && !q.isPlaceholderData ? problemsOf(query, data.queryProblems) : NO_PROBLEMS), [data, query, q.isPlaceholderData]);
  return { empty: !enabled, keys, found: data?.found ?? NONE, notes: data?.notes ?? [], problems, error: enabled ? q.error : null, refetch: q.refetch };
}

/** How long values are offered without asking again for the same text. */
const OFFER_MS = 5000;

/** useCompletion asks the server what could stand at the caret (undefined: nowhere), and what of the text is wrong. */
export function useCompletion(text: string, caret: number | undefined, kinds: Kind[]) {
  const q = useQuery(
    SearchService.method.completeQuery,
    { query: text, cursor: caret === undefined ? 0 : charsBefore(text, caret), kinds },
    { enabled: caret !== undefined || text.trim() !== "", placeholderData: keepPreviousData, staleTime: OFFER_MS },
  );
  const fresh = !q.isPlaceholderData;
  const offers = useMemo(() => (q.data && caret !== undefined ? offersOf(text, q.data.offers) : NO_OFFERS), [q.data, text, caret]);
  const problems = useMemo(() => (q.data && fresh && text.trim() !== "" ? problemsOf(text, q.data.problems) : NO_PROBLEMS), [q.data, text, fresh]);
  /** The offers are for this text and caret: one may be taken. */
  return { offers, problems, fresh };
}

/** useViews returns the saved views of a kind of objects, by name. */
export function useViews(kind: Kind): View[] {
  return useQuery(SearchService.method.listViews, { kind }).data?.views ?? NO_VIEWS;
}
