import { inWindow } from "./endpoint";

// What the page asks of whatever it is shown in: the desktop window or a browser.

interface Runtime {
  WindowSetTitle?: (title: string) => void;
  WindowFullscreen?: () => void;
  WindowUnfullscreen?: () => void;
  ClipboardGetText?: () => Promise<string>;
  ClipboardSetText?: (text: string) => Promise<boolean>;
  BrowserOpenURL?: (url: string) => void;
}

function runtime(): Runtime {
  return (window as { runtime?: Runtime }).runtime ?? {};
}

/** setTitle names the window or the browser's tab. */
export function setTitle(title: string): void {
  document.title = title;
  runtime().WindowSetTitle?.(title);
}

/**
 * detachConsole shows a VM's console in a window of its own; false when the
 * browser did not allow one. In a browser the new tab takes this tab's token
 * over with its session storage, which tabs get that we open and keep a hold of;
 * so the token is in no address.
 */
export function detachConsole(vm: { host: string; uuid: string }, serial: boolean): boolean {
  if (inWindow()) {
    // The window stays where it is: app/desktop follows links of ours, as a desktop does.
    window.location.href = `limiquantix://${encodeURIComponent(vm.host)}/vm/${vm.uuid}/console`;
    return true;
  }
  const route = `#/console/${encodeURIComponent(vm.host)}/${encodeURIComponent(vm.uuid)}${serial ? "?serial=true" : ""}`;
  const { origin, pathname } = window.location;
  return window.open(`${origin}${pathname}${route}`, `console-${vm.host}-${vm.uuid}`, "popup,width=1080,height=820") !== null;
}

/**
 * openOutside has the desktop's browser open a web address; false where the page
 * is in a browser already, which opens links by itself. The window loads nothing
 * but our own page.
 */
export function openOutside(href: string): boolean {
  const open = inWindow() ? runtime().BrowserOpenURL : undefined;
  open?.(href);
  return open !== undefined;
}

// The window's own full screen, and not the web view's: WebKitGTK leaves that
// one when Esc or the letter f is pressed, which a guest has to get.
let filled = false;
const fillers = new Set<() => void>();

/** isFullScreen tells whether the whole page fills the screen: what opens above a console is in it, too. */
export function isFullScreen(): boolean {
  return filled || document.fullscreenElement !== null;
}

/** onFullScreen calls f when full screen begins or ends. */
export function onFullScreen(f: () => void): () => void {
  fillers.add(f);
  document.addEventListener("fullscreenchange", f);
  return () => {
    fillers.delete(f);
    document.removeEventListener("fullscreenchange", f);
  };
}

interface KeyboardLock {
  keyboard?: { lock?: (keys?: string[]) => Promise<void>; unlock?: () => void };
}

/** setFullScreen begins or ends full screen. Where the browser can, all keys then reach the page, Esc among them (held, it leaves). */
export async function setFullScreen(on: boolean): Promise<void> {
  const { WindowFullscreen: fill, WindowUnfullscreen: unfill } = runtime();
  if (fill && unfill) {
    filled = on;
    (on ? fill : unfill)();
    for (const f of fillers) f();
    return;
  }
  const keyboard = (navigator as KeyboardLock).keyboard;
  if (!on) {
    keyboard?.unlock?.();
    return document.exitFullscreen();
  }
  await document.documentElement.requestFullscreen();
  await keyboard?.lock?.().catch(() => undefined);
}

/** escLeaves says what Esc does in full screen: "hold" it to leave, "press" it, or nothing, as in the window, where the guest gets it. */
export function escLeaves(): "hold" | "press" | undefined {
  if (runtime().WindowUnfullscreen) return undefined;
  return (navigator as KeyboardLock).keyboard?.lock ? "hold" : "press";
}

/** readClipboard is this computer's clipboard text; undefined when the user or the browser does not let us. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await (runtime().ClipboardGetText?.() ?? navigator.clipboard.readText());
  } catch {
    return undefined;
  }
}

/** writeClipboard puts text on this computer's clipboard; false when it may not. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    const set = runtime().ClipboardSetText;
    if (set) return await set(text);
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
