// What the server refuses, refused while one types: each rule here mirrors one
// of core, which decides again. A check returns what is wrong, undefined when
// nothing is.

const MAX_NAME = 200;
// Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, the space.
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/** byteLength is how many bytes text takes as UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** isPrintable is false for controls, invisible characters and halves of characters. */
export function isPrintable(text: string): boolean {
  return PRINTABLE.test(text);
}

/** checkName is core.CheckName: the name of anything that we make. */
export function checkName(name: string): string | undefined {
  if (name === "") return "Give it a name";
  if (byteLength(name) > MAX_NAME) return `It has ${byteLength(name)} bytes; ${MAX_NAME} is the most`;
  if (/^[-.]/.test(name)) return "It must not begin with '-' or '.'";
  if (name.trim() !== name) return "It must not begin or end with a space";
  if (name.includes("/")) return "It must not contain '/'";
  if (!isPrintable(name)) return "It must not contain control or invisible characters";
  return undefined;
}

/** checkVMName is core/vm's checkName: libvirt makes a path of the first 20 characters. */
export function checkVMName(name: string): string | undefined {
  const wrong = checkName(name);
  if (wrong) return wrong;
  const short = Array.from(name).slice(0, 20).join("");
  if (byteLength(short) > 33) return "Its first 20 characters take more than 33 bytes, and libvirt cannot start such a VM: use more of plain letters, digits and '-'";
  return undefined;
}

/** checkFolder is the rule for a directory pool's path on the host. */
export function checkFolder(path: string): string | undefined {
  if (path === "") return "Give the folder's path on the host";
  if (!path.startsWith("/")) return "It must be absolute, like /srv/vms";
  if (path === "/" || (!path.endsWith("/") && !/\/\/|\/\.\.?(\/|$)/.test(path)))
    return byteLength(path) > 1024 ? "It is longer than 1024 bytes" : isPrintable(path) ? undefined : "It must not contain control or invisible characters";
  return "Write it plainly: without '//', '.', '..' or a '/' at its end";
}

/** checkChecksum is the rule for an image's checksum; "" is fine. */
export function checkChecksum(sum: string): string | undefined {
  const text = sum.trim().toLowerCase();
  if (text === "" || /^sha256:[0-9a-f]{64}$/.test(text) || /^sha512:[0-9a-f]{128}$/.test(text)) return undefined;
  if (/^[0-9a-f]{64}$/.test(text)) return "Put sha256: before it";
  if (/^[0-9a-f]{128}$/.test(text)) return "Put sha512: before it";
  return "It is sha256: and 64, or sha512: and 128 hexadecimal digits";
}

/** checkMAC is the rule for a network card's address; "" lets the server make one. */
export function checkMAC(mac: string): string | undefined {
  if (mac === "") return undefined;
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) return "It looks like 52:54:00:12:34:56";
  return (parseInt(mac.slice(0, 2), 16) & 1) === 1 ? "It is a multicast address: the first part must be even" : undefined;
}
