import type { Page, WebSocketRoute } from "@playwright/test";

/** big-endian numbers, one after the other. */
export const u8 = (...n: number[]) => Buffer.from(n);
export const u16 = (...n: number[]) => Buffer.concat(n.map((x) => Buffer.from([(x >> 8) & 255, x & 255])));
export const u32 = (...n: number[]) =>
  Buffer.concat(
    n.map((x) => {
      const b = Buffer.alloc(4);
      b.writeUInt32BE(x >>> 0);
      return b;
    }),
  );

/** init is ServerInit: a size, 32 bits true colour, a name. Source: RFC 6143, 7.3.2. */
export function init(width: number, height: number, name = "fake", nameLength = name.length): Buffer {
  return Buffer.concat([u16(width, height), u8(32, 24, 0, 1), u16(255, 255, 255), u8(16, 8, 0), u8(0, 0, 0), u32(nameLength), Buffer.from(name)]);
}

/** update is a FramebufferUpdate of one part. Source: RFC 6143, 7.6.1. */
export function update(x: number, y: number, width: number, height: number, encoding: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([u8(0, 0), u16(1), u16(x, y, width, height), u32(encoding), data]);
}

/** painted is an update that fills a screen with one colour, raw. */
export function painted(width: number, height: number, colour = 0x3060a0): Buffer {
  const pixels = Buffer.alloc(width * height * 4);
  for (let i = 0; i < pixels.length; i += 4) pixels.writeUInt32LE(colour, i);
  return update(0, 0, width, height, 0, pixels);
}

/** Fake is an RFB server that is as sound or as hostile as its fields say. */
export interface Fake {
  /** The list of security types; default: none needed. */
  security?: Buffer;
  /** Instead of a sound ServerInit of 640 × 480. */
  init?: Buffer;
  /** Sent once the client is connected. */
  then?: (send: (b: Buffer) => void) => void | Promise<void>;
}

/** serve plays the server on a page's WebSocket. */
export function serve(ws: WebSocketRoute, fake: Fake): void {
  let step = 0;
  const send = (b: Buffer) => {
    for (let i = 0; i < b.length; i += 32 << 10) ws.send(b.subarray(i, i + (32 << 10))); // as the relay does
  };
  ws.onMessage(() => {
    step++;
    if (step === 1) send(fake.security ?? u8(1, 1));
    else if (step === 2) send(u32(0));
    else if (step === 3) {
      send(fake.init ?? init(640, 480));
      void fake.then?.(send);
    }
  });
  send(Buffer.from("RFB 003.008\n"));
}

/** wholeWebSocket is called after routeWebSocket: noVNC looks for send and the like at the very prototype of a socket, and Playwright's has them one further up. */
export async function wholeWebSocket(page: Page): Promise<void> {
  await page.evaluate(() => {
    const parent = Object.getPrototypeOf(WebSocket.prototype) as object;
    for (const [name, d] of Object.entries(Object.getOwnPropertyDescriptors(parent))) if (!Object.hasOwn(WebSocket.prototype, name)) Object.defineProperty(WebSocket.prototype, name, d);
  });
}
