// What we use of noVNC 1.7.0, which brings no types. The members with an
// underscore are its own: guarded-rfb.ts overrides them, and
// e2e/console-hostile.spec.ts fails when a version renames one.
declare module "@novnc/novnc" {
  export interface ReceiveQueue {
    rQlen(): number;
    rQpeekBytes(length: number, copy?: boolean): Uint8Array;
    rQskipBytes(length: number): void;
    rQshiftBytes(length: number, copy?: boolean): Uint8Array;
    _websocket: WebSocket | null;
  }

  export interface Rect {
    x: number;
    y: number;
    width: number;
    height: number;
    encoding: number;
  }

  export interface RFBOptions {
    shared?: boolean;
    credentials?: { password?: string };
    wsProtocols?: string[];
  }

  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, url: string, options?: RFBOptions);
    viewOnly: boolean;
    focusOnClick: boolean;
    scaleViewport: boolean;
    clipViewport: boolean;
    resizeSession: boolean;
    showDotCursor: boolean;
    background: string;
    qualityLevel: number;
    compressionLevel: number;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    clipboardPasteFrom(text: string): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string, quality?: number): void;

    static messages: { clientEncodings(sock: ReceiveQueue, encodings: number[]): void };

    protected _sock: ReceiveQueue;
    protected _canvas: HTMLCanvasElement;
    protected _FBU: Rect;
    protected _fbWidth: number;
    protected _fbHeight: number;
    protected _qualityLevel: number;
    protected _compressionLevel: number;
    protected _supportsSetDesktopSize: boolean;
    protected _clipboardText: string | null;
    protected _clipboardServerCapabilitiesFormats: Record<number, boolean>;
    protected _fail(details: string): false;
    protected _handleMessage(): void;
    protected _isSupportedSecurityType(type: number): boolean;
    protected _negotiateServerInit(): boolean;
    protected _sendEncodings(): void;
    protected _resize(width: number, height: number): void;
    protected _framebufferUpdate(): boolean;
    protected _handleDataRect(): boolean;
    protected _handleCursor(): boolean;
    protected _handleVMwareCursor(): boolean;
    protected _handleDesktopName(): boolean;
    protected _handleServerCutText(): boolean;
    protected _handleMouse(event: MouseEvent): void;
  }
}
