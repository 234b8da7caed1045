import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { objectOf } from "./address";
import { useRecent } from "./palette";

/** useVisits remembers which objects were opened, for the palette. */
export function useVisits(): void {
  const id = useRouterState({ select: (s) => objectOf(s.location.pathname) });
  const [, visit] = useRecent();
  const remember = useRef(visit);
  useEffect(() => {
    if (id) remember.current(id);
  }, [id]);
}
