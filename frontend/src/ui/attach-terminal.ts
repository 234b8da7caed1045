import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import type { Opened } from "@/lib/api";
import type { Echo } from "@/lib/echo";
import { openStyled } from "./open-styled";
import { terminalTheme } from "./terminal-theme";
import { token } from "./theme";

/** TerminalHandle is what the bar does with a terminal. It outlives connections. */
export interface TerminalHandle {
  /** Connects with a new permission; what was connected before ends. */
  connect: (opened: Opened) => void;
  /** Ends the connection; the text stays. */
  disconnect: () => void;
  focus: () => void;
  blur: () => void;
  /** Types text into the guest. */
  type: (text: string) => void;
  /** Pastes as a paste: bracketed where the guest asked for it. */
  paste: (text: string) => void;
  selection: () => string;
  selectAll: () => void;
  /** Finds text; true when there is some. */
  find: (text: string, back: boolean) => boolean;
  endFind: () => void;
  clear: () => void;
  /** Everything that is kept, as text. */
  log: () => string;
  size: () => { columns: number; rows: number };
  /** Takes the colours of the page's theme. */
  recolour: () => void;
  dispose: () => void;
}

/** TerminalEvents is what a terminal reports. */
export interface TerminalEvents {
  up: (opened: Opened) => void;
  down: (opened: Opened) => void;
  /** The guest wrote something, the first since it was connected. */
  heard: () => void;
  focus: (on: boolean) => void;
  /** Number of matches, and which one is shown, from 1; 0: none. */
  found: (at: number, of: number) => void;
  /** It has another size now; not told of the first. */
  resized?: (rows: number, columns: number) => void;
}

const SCROLLBACK = 10_000;
/** So much waits for the guest at most: what is typed blind beyond it is dropped. */
const MAX_QUEUED = 1 << 20;
/** So much output waits to be drawn at most: a guest that floods its line must not fill the page's memory. */
const MAX_PENDING = 4 << 20;

/** attachTerminal makes a terminal in target. */
export function attachTerminal(target: HTMLElement, label: string, echo: Echo, on: TerminalEvents): TerminalHandle {
  const terminal = new Terminal({
    scrollback: SCROLLBACK,
    fontFamily: token("font-mono") || '"JetBrains Mono Variable", monospace',
    fontSize: 13,
    theme: terminalTheme(token),
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    screenReaderMode: false,
    allowProposedApi: true, // the search addon marks what it found
    logLevel: "off",
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  distrust(terminal);
  const unstyle = openStyled(terminal, target);
  const field = terminal.textarea;
  field?.setAttribute("aria-label", label);
  const focused = () => on.focus(true);
  const blurred = () => on.focus(false);
  field?.addEventListener("focus", focused);
  field?.addEventListener("blur", blurred);
  terminal.attachCustomKeyEventHandler((e) => ours(e, terminal));
  terminal.onResize((size) => on.resized?.(size.rows, size.cols));
  search.onDidChangeResults((r) => on.found(r.resultIndex + 1, r.resultCount));
  const resize = new ResizeObserver(() => target.clientWidth > 0 && fit.fit());
  resize.observe(target);
  const line = wire(terminal, echo, on);

  return {
    ...line,
    focus: () => terminal.focus(),
    blur: () => terminal.blur(),
    type: (text) => terminal.input(text),
    paste: (text) => terminal.paste(text),
    selection: () => terminal.getSelection(),
    selectAll: () => terminal.selectAll(),
    find: (text, back) => {
      const options = { decorations: marks() };
      return back ? search.findPrevious(text, options) : search.findNext(text, options);
    },
    endFind: () => search.clearDecorations(),
    clear: () => terminal.clear(),
    log: () => textOf(terminal),
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    recolour: () => (terminal.options.theme = terminalTheme(token)),
    dispose: () => {
      line.disconnect();
      resize.disconnect();
      terminal.dispose();
      unstyle();
    },
  };
}

/**
 * distrust takes away what a guest could reach beside the screen: links (OSC 8;
 * we make none of plain text either) and the clipboard (OSC 52, which xterm.js
 * leaves to an addon that we do not load). Titles are not listened to.
 */
function distrust(terminal: Terminal) {
  for (const code of [8, 52]) terminal.parser.registerOscHandler(code, () => true);
  terminal.options.linkHandler = { activate: () => undefined };
}

/** ours keeps copy and paste for this side: Ctrl+Shift+C and Ctrl+Shift+V, as in other terminals. */
function ours(e: KeyboardEvent, terminal: Terminal): boolean {
  if (e.type !== "keydown" || !e.ctrlKey || !e.shiftKey || e.altKey) return true;
  if (e.code === "KeyC" && terminal.hasSelection()) {
    e.preventDefault();
    void navigator.clipboard.writeText(terminal.getSelection());
    return false;
  }
  return e.code !== "KeyV"; // the browser pastes into xterm's field
}

function marks() {
  return {
    matchBackground: token("accent-soft"),
    matchOverviewRuler: token("accent-line"),
    activeMatchBackground: token("accent"),
    activeMatchColorOverviewRuler: token("accent-fg"),
  };
}

/** wire moves bytes between the terminal and one WebSocket after the other. */
function wire(terminal: Terminal, echo: Echo, on: TerminalEvents): Pick<TerminalHandle, "connect" | "disconnect"> {
  let socket: WebSocket | undefined;
  const bytes = new TextEncoder();
  const send = (data: Uint8Array<ArrayBuffer>) => {
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_QUEUED) return;
    echo.input(performance.now());
    socket.send(data);
  };
  terminal.onData((text) => send(bytes.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (c) => c.charCodeAt(0) & 255)));

  let pending = 0;
  let dropped = 0;
  const show = (data: Uint8Array) => {
    if (pending > MAX_PENDING) {
      dropped += data.length;
      return;
    }
    if (dropped > 0) terminal.write(`\r\n[${dropped} bytes came too fast and were left out]\r\n`);
    dropped = 0;
    pending += data.length;
    terminal.write(data, () => (pending -= data.length));
  };
  const disconnect = () => {
    const old = socket;
    socket = undefined;
    old?.close();
  };
  const connect = (opened: Opened) => {
    disconnect();
    echo.forget();
    const ws = new WebSocket(opened.url, opened.protocols);
    socket = ws;
    let silent = true;
    ws.binaryType = "arraybuffer";
    ws.onopen = () => ws === socket && on.up(opened);
    ws.onmessage = (e: MessageEvent<ArrayBuffer>) => {
      if (ws !== socket || typeof e.data === "string") return;
      echo.output(performance.now());
      if (silent) on.heard();
      silent = false;
      show(new Uint8Array(e.data));
    };
    ws.onclose = () => {
      if (ws !== socket) return;
      socket = undefined;
      on.down(opened);
    };
  };
  return { connect, disconnect };
}

/** textOf is all lines that are kept, long ones whole, without empty lines at the end. */
function textOf(terminal: Terminal): string {
  const buffer = terminal.buffer.normal;
  const lines: string[] = [];
  for (let i = 0; i < buffer.length; i++) {
    const line = buffer.getLine(i);
    const text = line?.translateToString(!buffer.getLine(i + 1)?.isWrapped) ?? "";
    if (line?.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
