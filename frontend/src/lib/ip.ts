/** Bytes of an address: 4 or 16; undefined for what is none. */
export function parseIP(text: string): Uint8Array | undefined {
  const bare = text.split("%", 1)[0] ?? "";
  return bare.includes(":") ? parse6(bare) : parse4(bare);
}

function parse4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const out = new Uint8Array(4);
  for (const [i, p] of parts.entries()) {
    if (!/^\d{1,3}$/.test(p) || Number(p) > 255) return undefined;
    out[i] = Number(p);
  }
  return out;
}

// RFC 4291, 2.2: eight groups, one "::" for a run of zeros, the last 32 bits also as IPv4.
function parse6(text: string): Uint8Array | undefined {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const left = groups(head, tail === undefined);
  const right = tail === undefined ? [] : groups(tail, true);
  if (!left || !right) return undefined;
  const missing = 16 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...left, ...new Array<number>(missing).fill(0), ...right]);
}

function groups(text: string, last: boolean): number[] | undefined {
  const out: number[] = [];
  const parts = text === "" ? [] : text.split(":");
  for (const [i, p] of parts.entries()) {
    if (p.includes(".")) {
      const four = last && i === parts.length - 1 ? parse4(p) : undefined;
      if (!four) return undefined;
      out.push(...four);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(p)) return undefined;
      const n = parseInt(p, 16);
      out.push(n >> 8, n & 255);
    }
  }
  return out;
}

/** Net is the addresses that share their first bits. */
export interface Net {
  base: Uint8Array;
  bits: number;
}

/** parseNet reads "10.0.0.0/8", "fd00::/8" or one address; undefined for what is none. */
export function parseNet(text: string): Net | undefined {
  const [address = "", length, more] = text.split("/");
  const base = parseIP(address);
  if (!base || more !== undefined) return undefined;
  if (length === undefined) return { base, bits: base.length * 8 };
  if (!/^\d{1,3}$/.test(length) || Number(length) > base.length * 8) return undefined;
  return { base, bits: Number(length) };
}

/** inNet tells whether an address is in a network; never for another family. */
export function inNet(ip: Uint8Array, net: Net): boolean {
  if (ip.length !== net.base.length) return false;
  for (let i = 0, bits = net.bits; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 255 : (255 << (8 - bits)) & 255;
    if (((ip[i] ?? 0) & mask) !== ((net.base[i] ?? 0) & mask)) return false;
  }
  return true;
}
