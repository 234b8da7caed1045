/** Keyboard layouts that TypeVM knows, with how people call them. Source: core/console. */
export const LAYOUTS = [
  { value: "us", label: "US" },
  { value: "gb", label: "British" },
  { value: "de", label: "German" },
  { value: "fr", label: "French" },
] as const;

/** Layout is the keyboard that the guest believes to have. */
export type Layout = (typeof LAYOUTS)[number]["value"];

/** MAX_TEXT is how many bytes are typed at once. Source: core/console, MaxText. */
export const MAX_TEXT = 64 << 10;

/** How long a key takes, pressed and let go; with Shift or AltGr twice that. Source: core/console, Stroke.Takes. */
const KEY_MS = 20;

/** typingTime is about how long the typing takes, in milliseconds. */
export function typingTime(text: string): number {
  let ms = 0;
  for (const c of text) ms += /[A-Z~!@#$%^&*()_+{}|:"<>?]/.test(c) ? 2 * KEY_MS : KEY_MS;
  return ms;
}

/** typingFault says why a text cannot be typed; undefined when it can. What a layout lacks, only the server knows. */
export function typingFault(text: string): string | undefined {
  if (new TextEncoder().encode(text).length > MAX_TEXT) return "At most 64 KiB are typed at once: copy longer texts over the network";
  const odd = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text)?.[0];
  if (odd) return `It holds a control character (U+${odd.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}) that no key gives`;
  return undefined;
}

/** enters is how often Enter is pressed in a text. */
export function enters(text: string): number {
  return text.replaceAll("\r\n", "\n").split("\n").length - 1;
}
