import { useEffect, useState } from "react";

import { escLeaves } from "@/lib/desktop";
import { Kbd } from "@/ui/kbd";
import { useFullScreen } from "./console-bar";

/** How long it is said, in ms: as browsers do. */
const SHOWN_MS = 6000;

/** FullScreenHint says for a moment how full screen is left: no key of the guest's does it. */
export function FullScreenHint() {
  return useFullScreen() ? <Hint /> : null;
}

function Hint() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  if (over) return null;
  const esc = escLeaves();
  return (
    <p role="status" className="pointer-events-none absolute inset-x-0 top-12 z-10 mx-auto flex w-fit max-w-[90%] flex-wrap items-center justify-center gap-x-1.5 rounded-md border border-line bg-overlay px-3 py-2 text-fg shadow-overlay">
      To leave full screen, move the pointer to the top edge{esc ? "," : " or"} press <Kbd keys="Ctrl+Alt" /> for the bar
      {esc && (
        <>
          , or {esc} <Kbd keys="Esc" />
        </>
      )}
    </p>
  );
}
