import { useQuery } from "@connectrpc/connect-query";
import { useEffect, useState } from "react";

import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import type { Draft } from "./draft";
import { cloudInitOf } from "./draft";

const PAUSE_MS = 250;

/** useLate is a value as it was when it last stood still for a moment. */
function useLate<T>(value: T, key: string): T {
  const [late, setLate] = useState({ value, key });
  useEffect(() => {
    const timer = setTimeout(() => setLate((old) => (old.key === key ? old : { value, key })), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, key]);
  return late.value;
}

/** usePreview is the seed's files as the server would write them, a moment after one stops typing. */
export function usePreview(draft: Draft) {
  const now = { name: draft.name || "vm", cloudInit: cloudInitOf(draft), nics: draft.nics.length };
  const asked = useLate(now, JSON.stringify(now));
  // The password is in the request: nothing of it is kept behind the page.
  const preview = useQuery(VMService.method.previewCloudInit, asked, { gcTime: 0, enabled: draft.seed });
  // The last good files stay while what is typed is not right: an error takes a query's data away.
  const [files, setFiles] = useState(preview.data);
  if (preview.data && preview.data !== files) setFiles(preview.data);
  return { files, problem: preview.error ? problemOf(preview.error) : undefined, refetch: () => void preview.refetch() };
}
