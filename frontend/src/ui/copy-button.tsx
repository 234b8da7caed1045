import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { Button, IconButton } from "./button";

/** Puts text on the clipboard; true when it is there. Needs a page over https or loopback; else the old way is tried. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

function copyOldWay(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

/** Copies `text` and says so for a moment. With `words` a button with words, else an icon. */
export function CopyButton({ text, label = "Copy", words = false }: {
  text: string | (() => string);
  /** What is copied: "Copy address". */
  label?: string;
  words?: boolean;
}) {
  const [state, setState] = useState<"idle" | "done" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(typeof text === "string" ? text : text())) ? "done" : "refused");
  const shown = { idle: label, done: "Copied", refused: "Could not copy" }[state];
  const icon = state === "done" ? Check : Copy;
  return (
    <>
      {words ? (
        <Button size="sm" icon={icon} onClick={() => void copy()}>
          {shown}
        </Button>
      ) : (
        <IconButton size="sm" icon={icon} label={shown} onClick={() => void copy()} />
      )}
      <span role="status" className="sr-only">
        {state === "idle" ? "" : shown}
      </span>
    </>
  );
}
