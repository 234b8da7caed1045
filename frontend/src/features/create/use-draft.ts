import { useState } from "react";

import { useAnyStats } from "@/lib/stats";
import { useHosts } from "@/lib/inventory";
import { session } from "@/lib/storage";
import { useImages, useNetworks, usePools } from "@/lib/stock";
import { useMemo } from "react";
import type { Around } from "./complete";
import { complete, groupsOf } from "./complete";
import type { Draft } from "./draft";
import { dropDraft, loadDraft, newDraft, saveDraft } from "./draft";

/** useAround is what the wizard knows of the hosts, with how the lists came. */
export function useAround() {
  const { hosts } = useHosts();
  const pools = usePools();
  const networks = useNetworks();
  const images = useImages();
  const stats = useAnyStats();
  const groups = useMemo(() => groupsOf(images.images), [images.images]);
  const around: Around = { hosts, pools: pools.pools, networks: networks.networks, groups, used: (host) => stats.host(host)?.memoryUsedBytes };
  return { around, pools, networks, images };
}

/**
 * useDraft holds what was typed, over steps, other pages and reloads. The draft
 * that it returns has the defaults filled in; set changes what was typed alone;
 * kept tells whether there is something to come back to.
 */
export function useDraft(around: Around, asked: { host?: string; image?: string }) {
  const [typed, setTyped] = useState<Draft>(() => begin(asked));
  const set = (part: Partial<Draft>) =>
    setTyped((old) => {
      const next = { ...old, ...part };
      saveDraft(next, session);
      return next;
    });
  const reset = () => {
    dropDraft(session);
    setTyped(newDraft());
  };
  const kept = () => loadDraft(session) !== undefined;
  return { draft: complete(typed, around, asked), set, reset, kept };
}

/** A link that names a host or an image begins with it, and keeps the rest of what was typed before. */
function begin(asked: { host?: string; image?: string }): Draft {
  const kept = loadDraft(session) ?? newDraft();
  return {
    ...kept,
    ...(asked.host && asked.host !== kept.host ? { host: asked.host, pool: "" } : {}),
    ...(asked.image ? { image: "" } : {}),
  };
}
