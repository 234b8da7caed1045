import { isPrintable } from "@/lib/check";

/** checkAddress is what core/host and transport/sshconn refuse as a host's address. */
export function checkAddress(address: string): string | undefined {
  const a = address.trim();
  if (a === "") return "Give an address: user@host, ssh://user@host:22, an alias of ~/.ssh/config, or local";
  if (a.length > 512) return "It is longer than 512 characters";
  if (a.startsWith("-")) return "It must not begin with '-'";
  if (/[\s'"`$\\;|&<>(){}]/.test(a) || !isPrintable(a)) return "It has characters that no address has";
  const scheme = /^([^/]*):\/\//.exec(a);
  if (scheme && scheme[1] !== "ssh") return "Only ssh:// is known";
  const rest = scheme ? a.slice("ssh://".length).replace(/\/$/, "") : a;
  if (/[/?#]/.test(rest)) return "Nothing may follow the port";
  return checkParts(rest);
}

function checkParts(rest: string): string | undefined {
  const at = rest.lastIndexOf("@");
  const user = at < 0 ? undefined : rest.slice(0, at);
  if (user === "") return "The user before '@' is missing";
  if (user?.includes(":")) return "A password does not belong in an address: it is asked for when it is needed";
  const { host, port } = splitPort(rest.slice(at + 1));
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) return "The port is not between 1 and 65535";
  if (host === "") return "The host is missing";
  return /[[\]/@*?!#,]/.test(host) || host.startsWith("-") ? "The host has characters that no host name has" : undefined;
}

/** Without brackets, an address with several colons is IPv6 and has no port. */
function splitPort(text: string): { host: string; port?: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? "", port: bracketed[2] };
  const parts = text.split(":");
  return parts.length === 2 ? { host: parts[0] ?? "", port: parts[1] } : { host: text };
}

/** suggestName makes a host's name of its address: "ssh://root@kvm1.example.org:22" is kvm1; one that is taken gets a number. */
export function suggestName(address: string, taken: readonly string[]): string {
  if (checkAddress(address)) return "";
  const rest = address.trim().replace(/^ssh:\/\//, "").replace(/\/$/, "");
  const { host } = splitPort(rest.slice(rest.lastIndexOf("@") + 1));
  const name = /^[\d.]+$/.test(host) || host.includes(":") ? host : (host.split(".")[0] ?? host);
  for (let n = 1; ; n++) {
    const unique = n === 1 ? name : `${name}-${n}`;
    if (!taken.includes(unique)) return unique;
  }
}

/** splitList reads what was typed as several, separated by commas, spaces or lines. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
