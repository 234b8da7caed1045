import { Camera, ClipboardPaste, ClipboardType, Keyboard, Scaling } from "lucide-react";

import { fileName, saveBlob } from "@/lib/save";
import { notify } from "@/lib/notify";
import { Button, IconButton } from "@/ui/button";
import { DropdownMenu, type MenuItem } from "@/ui/menu";
import type { Scale, ScreenFacts, ScreenHandle } from "./attach-screen";
import { Divider } from "./console-bar";
import { CHORDS, FUNCTIONS, TERMINALS, press, type Chord } from "./keys";

/** GraphicalToolsProps is what the tools of a screen act on. */
export interface GraphicalToolsProps {
  name: string;
  /** Absent while it is not connected. */
  handle: ScreenHandle | undefined;
  facts: ScreenFacts | undefined;
  scale: Scale;
  onScale: (s: Scale) => void;
  viewOnly: boolean;
  onViewOnly: (on: boolean) => void;
  clipboard: boolean;
  onClipboard: (on: boolean) => void;
  onType: () => void;
}

/** Menus and dialogs give the focus back to their button once they are gone. */
const GONE_MS = 60;

/** refocus gives the keyboard to the guest again after a menu or a dialog. */
export function refocus(handle: ScreenHandle | undefined) {
  setTimeout(() => handle?.focus(), GONE_MS);
}

const GONE = "The console is not connected";

/** GraphicalTools are the tools of a screen: keys, typing, clipboard, view, picture. */
export function GraphicalTools(props: GraphicalToolsProps) {
  const { handle, viewOnly } = props;
  const off = handle ? (viewOnly ? "The console is view only" : undefined) : GONE;
  return (
    <>
      <DropdownMenu items={keyMenu(handle, off)} align="start">
        <Button size="sm" variant="ghost" icon={Keyboard} aria-label="Keys">
          <span className="max-[1100px]:sr-only">Keys</span>
        </Button>
      </DropdownMenu>
      <IconButton size="sm" icon={ClipboardType} label="Type text into the guest" disabledReason={off} onClick={props.onType} />
      <IconButton
        size="sm"
        icon={ClipboardPaste}
        label={props.clipboard ? "Clipboard is shared with the guest" : "Share the clipboard with the guest (by its agent, spice-vdagent)"}
        pressed={props.clipboard}
        disabledReason={off ?? (props.facts?.clipboard ? undefined : "This screen passes no clipboard")}
        onClick={() => props.onClipboard(!props.clipboard)}
      />
      <Divider />
      <DropdownMenu items={viewMenu(props)} align="start">
        <Button size="sm" variant="ghost" icon={Scaling} aria-label="View">
          <span className="max-[1100px]:sr-only">View</span>
        </Button>
      </DropdownMenu>
      <IconButton size="sm" icon={Camera} label="Save a screenshot" disabledReason={handle ? undefined : GONE} onClick={() => void save(handle, props.name)} />
    </>
  );
}

function keyMenu(handle: ScreenHandle | undefined, off: string | undefined): MenuItem[] {
  const send = (c: Chord) => ({
    id: c.label,
    label: c.label,
    disabledReason: off,
    onSelect: () => {
      if (!handle) return;
      press(c, handle.sendKey);
      refocus(handle);
    },
  });
  return [...CHORDS.map(send), "line", { id: "terminals", label: "Ctrl+Alt+F1 … F12", items: TERMINALS.map(send) }, { id: "functions", label: "F1 … F12", items: FUNCTIONS.map(send) }];
}

function viewMenu({ facts, scale, onScale, viewOnly, onViewOnly }: GraphicalToolsProps): MenuItem[] {
  const size = facts ? ` (${facts.width} × ${facts.height})` : "";
  const choice = (id: Scale, label: string, disabledReason?: string) => ({ id, label, checked: scale === id, disabledReason, onSelect: () => onScale(id) });
  return [
    choice("fit", "Fit into the window"),
    choice("whole", `Pixel by pixel${size}`),
    choice("resize", "Resize the guest's screen to the window", facts && !facts.canResize ? "Its screen cannot be given another size" : undefined),
    "line",
    { id: "view-only", label: "View only", checked: viewOnly, onSelect: () => onViewOnly(!viewOnly) },
  ];
}

async function save(handle: ScreenHandle | undefined, name: string) {
  const picture = await handle?.picture();
  if (!picture) return notify({ kind: "error", title: "There is no picture to save", text: "The guest has shown nothing yet." });
  const file = fileName(name, "screen", "png", new Date());
  saveBlob(picture, file);
  notify({ kind: "done", title: "Screenshot saved", text: file });
}
