const TYPES = [
  "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
];

/** SSHKey is one pasted line: what it is, or what is wrong with it. */
export interface SSHKey {
  line: string;
  type: string;
  /** What follows the key: "ada@laptop". */
  comment: string;
  wrong?: string;
}

/** readKeys reads pasted public keys, one a line; empty lines and comments are left out. */
export function readKeys(text: string): SSHKey[] {
  return text.split(/\r?\n/).map((l) => l.trim()).filter((l) => l !== "" && !l.startsWith("#")).map(readKey);
}

function readKey(line: string): SSHKey {
  const [type = "", , ...comment] = line.split(/\s+/);
  return { line, type, comment: comment.join(" "), wrong: checkKey(line) };
}

/** checkKey is core/cloudinit's rule for one key: the type in the line and the one inside must agree (RFC 4253, 6.6). */
export function checkKey(line: string): string | undefined {
  if (line.includes("PRIVATE KEY")) return "This is a private key, which must stay where it is: paste the .pub file";
  if (line.startsWith("---- BEGIN SSH2")) return "It is in the format of RFC 4716: ssh-keygen -i converts it";
  if (line.length > 16 * 1024) return "It is too long";
  if (/[\u0000-\u001f\u007f-\u009f]/.test(line)) return "It holds a control character";
  const [type = "", body] = line.trim().split(/\s+/);
  if (!TYPES.includes(type) || !body) return "It does not begin with a key type that is in use, such as ssh-ed25519";
  const blob = decode(body);
  if (!blob) return "It is damaged: its middle part is not base64";
  const parts = wireStrings(blob);
  const [inside, key] = parts ?? [];
  if (!inside || !key || new TextDecoder().decode(inside) !== type || (type === "ssh-ed25519" && key.length !== 32)) return "It is damaged or cut off";
  return undefined;
}

function decode(base64: string): Uint8Array | undefined {
  if (base64.length % 4 !== 0) return undefined; // atob forgives missing padding, Go does not
  try {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function wireStrings(blob: Uint8Array): Uint8Array[] | undefined {
  const parts: Uint8Array[] = [];
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  for (let at = 0; at < blob.length; ) {
    if (blob.length - at < 4) return undefined;
    const n = view.getUint32(at);
    at += 4;
    if (n > blob.length - at) return undefined;
    parts.push(blob.subarray(at, at + n));
    at += n;
  }
  return parts;
}
