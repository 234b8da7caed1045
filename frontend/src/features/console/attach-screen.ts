import type { Problem } from "@/lib/error";
import type { Echo } from "@/lib/echo";
import { GuardedRFB } from "./guarded-rfb";
import type { Key } from "./keys";
import type { Opened } from "@/lib/api";

/** How the guest's screen fits into ours. */
export type Scale = "fit" | "whole" | "resize";

/** ScreenHandle is what the bar does with a connected screen. */
export interface ScreenHandle {
  sendKey: (key: Key, down: boolean) => void;
  /** Gives a text to the guest's clipboard. */
  offer: (text: string) => void;
  focus: () => void;
  blur: () => void;
  scale: (s: Scale) => void;
  viewOnly: (on: boolean) => void;
  clipboard: (on: boolean) => void;
  /** The picture as PNG; undefined when there is none yet. */
  picture: () => Promise<Blob | undefined>;
  detach: () => void;
}

/** ScreenFacts is what is known of a screen once it is connected. */
export interface ScreenFacts {
  width: number;
  height: number;
  /** The server passes clipboard texts. */
  clipboard: boolean;
  /** The server can give the guest another size. */
  canResize: boolean;
}

/** ScreenEvents is what a screen reports. */
export interface ScreenEvents {
  up: () => void;
  /** With a problem when another attempt would not help; with the last picture where there was one. */
  down: (problem: Problem | undefined, last: Blob | undefined) => void;
  facts: (f: ScreenFacts) => void;
  focus: (on: boolean) => void;
  /** The guest copied a text, and the clipboard is passed on. */
  copied: (text: string) => void;
}

const refusal = (message: string, hint: string): Problem => ({ code: "refused", message, hint, detail: {} });

/** attachScreen connects to a VM's screen and draws it in target until detach is called. */
export function attachScreen(target: HTMLElement, label: string, opened: Opened, echo: Echo, on: ScreenEvents): ScreenHandle {
  const rfb = new GuardedRFB(target, opened.url, opened.protocols, opened.password);
  let over = false;
  let problem: Problem | undefined;
  rfb.background = "transparent";
  echo.forget();
  name(rfb.canvas, label);
  const tell = () => on.facts({ width: rfb.canvas.width, height: rfb.canvas.height, clipboard: rfb.guestClipboard, canResize: rfb.canResize });
  const picture = () => new Promise<Blob | undefined>((done) => (rfb.canvas.width > 0 ? rfb.toBlob((b) => done(b ?? undefined), "image/png") : done(undefined)));

  rfb.addEventListener("connect", () => {
    on.up();
    tell();
  });
  rfb.addEventListener("screensize", () => setTimeout(tell)); // once noVNC has taken it
  rfb.addEventListener("guestclipboard", tell);
  rfb.addEventListener("echo", () => echo.output(performance.now()));
  rfb.addEventListener("credentialsrequired", () => {
    problem = refusal("The VM's screen asks for a password that is not known", "Its XML holds none: set one there, or take the password away.");
    rfb.disconnect();
  });
  rfb.addEventListener("securityfailure", () => (problem = refusal("The VM's screen refused the password", "It was changed since the VM was started, perhaps by another program.")));
  rfb.addEventListener("clipboard", (e) => on.copied((e as CustomEvent<{ text: string }>).detail.text));
  rfb.addEventListener("disconnect", () => {
    if (over) return;
    over = true;
    if (rfb.refused) problem = refusal(`The VM's screen was refused: ${rfb.refused}`, "The guest or its host does what no sound one does. The serial console may still work.");
    void picture().then((last) => on.down(problem, last));
  });
  rfb.canvas.addEventListener("focus", () => on.focus(true));
  rfb.canvas.addEventListener("blur", () => on.focus(false));
  rfb.canvas.addEventListener("keydown", () => echo.input(performance.now()), { capture: true });

  return {
    sendKey: (key, down) => rfb.sendKey(key.sym, key.code, down),
    offer: (text) => rfb.clipboardPasteFrom(text),
    focus: () => rfb.focus({ preventScroll: true }),
    blur: () => rfb.blur(),
    scale: (s) => {
      rfb.scaleViewport = s === "fit";
      rfb.resizeSession = s === "resize";
    },
    viewOnly: (v) => (rfb.viewOnly = v),
    clipboard: (v) => {
      rfb.clipboard = v;
      tell();
    },
    picture,
    detach: () => {
      if (over) return;
      over = true;
      rfb.disconnect();
    },
  };
}

/** name makes the canvas something that a screen reader can name and the keyboard can reach. */
function name(canvas: HTMLCanvasElement, label: string) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  canvas.setAttribute("aria-roledescription", "screen of a VM");
}
