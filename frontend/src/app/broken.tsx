import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { useEffect } from "react";

import { problemOf, type Problem } from "@/lib/error";
import { watcher } from "@/lib/watch";
import { ErrorState } from "@/ui/feedback";
import { isMissing } from "./missing";

/**
 * Broken is what stands where a page cannot be shown. One whose files did not
 * come, because limiquantix does not answer or is another version by now, comes
 * with the whole page anew, as soon as there is somebody to give it: a reload
 * before would leave nothing of what is on the screen.
 */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const missing = isMissing(error);
  useEffect(() => {
    if (!missing) return;
    let answered = answers();
    return watcher().subscribe(() => {
      if (answers() && !answered) void reloadIfAnswered();
      answered = answers();
    });
  }, [missing]);
  const again = () => {
    if (missing) return void reloadIfAnswered();
    reset();
    void router.invalidate();
  };
  return <ErrorState error={missing ? NOT_LOADED : told(error)} onRetry={again} />;
}

const NOT_LOADED = { message: "This page cannot be loaded", hint: "limiquantix does not answer, or is another version by now. The page comes by itself when it answers again." };

/** told is what is said of a defect of ours. */
function told(error: unknown): Pick<Problem, "message" | "hint"> {
  return { message: "This page cannot be shown", hint: problemOf(error).message };
}

function answers(): boolean {
  const line = watcher().state();
  return line === "live" || line === "refused";
}

async function reloadIfAnswered() {
  const answer = await fetch(window.location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) window.location.reload();
}
