import RFB from "@novnc/novnc";

import { MAX_CURSOR, MAX_CUT_TEXT, MAX_NAME, Resizes, cutTextSize, inflateText, rectFault, screenFault } from "./limits";

// Numbers of RFC 6143 and of the rfbproto community specification.
const SECURITY_NONE = 1;
const SECURITY_VNC = 2;
const RAW = 0, COPY_RECT = 1, RRE = 2, HEXTILE = 5, ZLIB = 6, TIGHT = 7, ZRLE = 16;
const QUALITY_0 = -32, COMPRESS_0 = -256;
const DESKTOP_SIZE = -223, LAST_RECT = -224, CURSOR = -239, QEMU_KEYS = -258, QEMU_LEDS = -261, DESKTOP_NAME = -307, EXTENDED_SIZE = -308;
const VMWARE_CURSOR = 0x574d5664;
const EXTENDED_CLIPBOARD = 0xc0a1e5ce;
/** Besides plain text and pictures: the encodings that we ask for. No H.264, no PNG: a decoder less that a guest can feed. */
const ENCODINGS = [COPY_RECT, TIGHT, ZRLE, HEXTILE, RRE, ZLIB, RAW];
const EXTRAS = [DESKTOP_SIZE, LAST_RECT, QEMU_KEYS, QEMU_LEDS, EXTENDED_SIZE, DESKTOP_NAME, EXTENDED_CLIPBOARD, VMWARE_CURSOR, CURSOR];
const PICTURES = new Set(ENCODINGS);

const CLIP_TEXT = 1;
const CLIP_ACTIONS = 0xff000000;
const CLIP_CAPS = 1 << 24;
const CLIP_PROVIDE = 1 << 28;

/** Refusal ends a connection to a server that asks too much of the page; its message follows "refused: ". */
class Refusal extends Error {}

/**
 * GuardedRFB is noVNC for servers that nobody trusts: a guest, or whoever got
 * hold of the port, may say anything. Sizes are checked before a canvas or
 * buffer of that size is made, the clipboard is passed on only when `clipboard`
 * is set, and whatever throws ends this connection and nothing else.
 *
 * Events beside those of RFB: "echo" after each change of the screen,
 * "screensize", and "guestclipboard" when the server told of its clipboard.
 */
export class GuardedRFB extends RFB {
  /** Why the connection was refused, a clause; undefined when it ended otherwise. */
  refused: string | undefined;
  /** Passes clipboard texts both ways. */
  clipboard = false;
  private readonly resizes = new Resizes();

  constructor(target: HTMLElement, url: string, protocols: string[], password: string) {
    super(target, url, { shared: true, credentials: password ? { password } : {}, wsProtocols: protocols });
    // The receive queue throws when it would grow beyond 40 MiB.
    const ws = this._sock._websocket;
    const receive = ws?.onmessage;
    if (ws && receive) ws.onmessage = (e) => this.guard(() => receive.call(ws, e));
  }

  /** guestClipboard tells whether the guest has an agent that takes texts. */
  get guestClipboard(): boolean {
    return this._clipboardServerCapabilitiesFormats[CLIP_TEXT] === true;
  }

  /** canResize tells whether the server can give the guest another screen size. */
  get canResize(): boolean {
    return this._supportsSetDesktopSize;
  }

  /** canvas is what the guest is drawn on. */
  get canvas(): HTMLCanvasElement {
    return this._canvas;
  }

  protected override _handleMessage() {
    this.guard(() => super._handleMessage());
  }

  private guard(f: () => void) {
    try {
      f();
    } catch (e) {
      this.refused ??= e instanceof Refusal ? e.message : "it sent what cannot be read";
      this._fail(String(e));
    }
  }

  /** A password goes only into VNC's challenge; no other scheme is spoken. */
  protected override _isSupportedSecurityType(type: number): boolean {
    return type === SECURITY_NONE || type === SECURITY_VNC;
  }

  protected override _negotiateServerInit(): boolean {
    if (this._sock.rQlen() >= 24) {
      const head = this._sock.rQpeekBytes(24);
      const view = new DataView(head.buffer, head.byteOffset);
      refuse(screenFault(view.getUint16(0), view.getUint16(2)));
      refuse(view.getUint32(20) > MAX_NAME ? "its name is too long" : undefined);
    }
    return super._negotiateServerInit();
  }

  protected override _sendEncodings() {
    RFB.messages.clientEncodings(this._sock, [...ENCODINGS, QUALITY_0 + this._qualityLevel, COMPRESS_0 + this._compressionLevel, ...EXTRAS]);
  }

  protected override _resize(width: number, height: number) {
    refuse(screenFault(width, height));
    refuse(this.resizes.tooMany(Date.now()) ? "it changes its size without end" : undefined);
    super._resize(width, height);
    this.dispatchEvent(new CustomEvent("screensize", { detail: { width, height } }));
  }

  protected override _framebufferUpdate(): boolean {
    const done = super._framebufferUpdate();
    if (done) this.dispatchEvent(new CustomEvent("echo"));
    return done;
  }

  protected override _handleDataRect(): boolean {
    refuse(rectFault(this._FBU, { width: this._fbWidth, height: this._fbHeight }));
    refuse(PICTURES.has(this._FBU.encoding) ? undefined : "it sends pictures that were not asked for");
    return super._handleDataRect();
  }

  protected override _handleCursor(): boolean {
    this.checkCursor();
    return super._handleCursor();
  }

  protected override _handleVMwareCursor(): boolean {
    this.checkCursor();
    // A type that noVNC does not know leaves it waiting for ever, with the rest unread.
    if (this._sock.rQlen() > 0) refuse((this._sock.rQpeekBytes(1)[0] ?? 0) > 1 ? "its pointer cannot be read" : undefined);
    return super._handleVMwareCursor();
  }

  private checkCursor() {
    refuse(this._FBU.width > MAX_CURSOR || this._FBU.height > MAX_CURSOR ? "its pointer is too large" : undefined);
  }

  protected override _handleDesktopName(): boolean {
    if (this._sock.rQlen() >= 4) refuse(uint32(this._sock.rQpeekBytes(4)) > MAX_NAME ? "its name is too long" : undefined);
    return super._handleDesktopName();
  }

  /** What the guest copied. Without consent it is thrown away unread. */
  protected override _handleServerCutText(): boolean {
    if (this._sock.rQlen() < 7) return super._handleServerCutText(); // waits for the rest
    const { bytes, extended } = cutTextSize(this._sock.rQpeekBytes(7));
    refuse(bytes > MAX_CUT_TEXT ? "its clipboard is too large" : undefined);
    refuse(extended && bytes < 4 ? "its clipboard cannot be read" : undefined);
    if (this._sock.rQlen() < 7 + bytes) return super._handleServerCutText();
    const message = this._sock.rQpeekBytes(7 + bytes);
    const flags = extended ? uint32(message.subarray(7, 11)) : 0;
    const action = (flags & CLIP_ACTIONS) >>> 0;
    // What the guest can do is no text: it is always heard.
    if ((action & CLIP_CAPS) !== 0) {
      const done = super._handleServerCutText();
      this.dispatchEvent(new CustomEvent("guestclipboard"));
      return done;
    }
    if (this.clipboard && action !== CLIP_PROVIDE) return super._handleServerCutText();
    this._sock.rQskipBytes(7 + bytes);
    // noVNC would make a buffer of whatever size the text inside claims to have.
    if (this.clipboard && (flags & CLIP_TEXT) !== 0) void this.unpack(message.slice(11));
    return true;
  }

  private async unpack(packed: Uint8Array<ArrayBuffer>) {
    this._clipboardText = null;
    const text = await inflateText(packed).catch(() => undefined);
    if (text !== undefined && this.clipboard) this.dispatchEvent(new CustomEvent("clipboard", { detail: { text } }));
  }
}

function refuse(fault: string | undefined) {
  if (fault !== undefined) throw new Refusal(fault);
}

function uint32(b: Uint8Array): number {
  return new DataView(b.buffer, b.byteOffset).getUint32(0);
}
