import { ChevronDown, ChevronUp, ClipboardCopy, ClipboardPaste, Download, Eraser, Ruler, Search } from "lucide-react";
import { useState, type KeyboardEvent } from "react";

import { readClipboard, writeClipboard } from "@/lib/desktop";
import { notify } from "@/lib/notify";
import { fileName, saveBlob } from "@/lib/save";
import { IconButton } from "@/ui/button";
import { Input } from "@/ui/input";
import type { TerminalHandle } from "@/ui/attach-terminal";
import { Divider } from "./console-bar";

/** SerialTools are the tools of a serial console: copy, paste, search, size, clear, log. */
export function SerialTools({ name, handle, live, found }: {
  name: string;
  handle: TerminalHandle | undefined;
  live: boolean;
  /** Which match of how many is shown. */
  found: { at: number; of: number };
}) {
  const off = live ? undefined : "The console is not connected";
  return (
    <>
      <IconButton size="sm" icon={ClipboardCopy} label="Copy" shortcut="Ctrl+Shift+C" onClick={() => void copy(handle)} />
      <IconButton size="sm" icon={ClipboardPaste} label="Paste" shortcut="Ctrl+Shift+V" disabledReason={off} onClick={() => void paste(handle)} />
      <IconButton size="sm" icon={Ruler} label="Tell the guest the size of this terminal (types stty)" disabledReason={off} onClick={() => tellSize(handle)} />
      <Divider />
      <Find handle={handle} found={found} />
      <Divider />
      <IconButton size="sm" icon={Eraser} label="Clear" onClick={() => handle?.clear()} />
      <IconButton size="sm" icon={Download} label="Save the log" onClick={() => handle && saveBlob(new Blob([handle.log()], { type: "text/plain;charset=utf-8" }), fileName(name, "serial", "txt", new Date()))} />
    </>
  );
}

function Find({ handle, found }: { handle: TerminalHandle | undefined; found: { at: number; of: number } }) {
  const [text, setText] = useState("");
  const find = (what: string, back: boolean) => (what ? handle?.find(what, back) : handle?.endFind());
  const key = (e: KeyboardEvent) => {
    if (e.key === "Enter") find(text, !e.shiftKey); // backwards first: the newest lines are at the end
    if (e.key === "Escape") {
      setText("");
      handle?.endFind();
      handle?.focus();
    }
  };
  const change = (what: string) => {
    setText(what);
    find(what, true);
  };
  const count = text ? (found.of > 0 ? `${found.at > 0 ? found.at : "…"}/${found.of}` : "none") : "";
  return (
    <div role="search" className="flex items-center gap-0.5">
      <Input icon={Search} aria-label="Search the output" placeholder="Search" value={text} unit={count || undefined} onChange={(e) => change(e.target.value)} onKeyDown={key} boxClassName="h-(--control-sm)! w-52" />
      <IconButton size="sm" icon={ChevronUp} label="Match above" shortcut="Enter" onClick={() => find(text, true)} />
      <IconButton size="sm" icon={ChevronDown} label="Match below" shortcut="Shift+Enter" onClick={() => find(text, false)} />
    </div>
  );
}

async function copy(handle: TerminalHandle | undefined) {
  const text = handle?.selection() || handle?.log() || "";
  if (!(await writeClipboard(text))) return notify({ kind: "error", title: "The text could not be copied", text: "Allow this page to use the clipboard." });
  notify({ kind: "done", title: handle?.selection() ? "Selection copied" : "All output copied" });
}

async function paste(handle: TerminalHandle | undefined) {
  const text = await readClipboard();
  if (text === undefined) return notify({ kind: "error", title: "The clipboard cannot be read", text: "Allow this page to use the clipboard, or press Ctrl+Shift+V in the console." });
  handle?.paste(text);
  handle?.focus();
}

function tellSize(handle: TerminalHandle | undefined) {
  if (!handle) return;
  const { columns, rows } = handle.size();
  handle.type(`stty rows ${rows} cols ${columns}\r`);
  handle.focus();
}
