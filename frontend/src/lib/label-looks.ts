import { useStored } from "./stored";

/** What a field holds, which says how it is shown. */
export type FieldKind = "text" | "number" | "date" | "link" | "checkbox";

/** FIELD_KINDS in the order in which they are offered. */
export const FIELD_KINDS: readonly { value: FieldKind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "link", label: "Link" },
  { value: "checkbox", label: "Checkbox" },
];

const NO_COLOURS: Record<string, number> = {};
const NO_KINDS: Record<string, FieldKind> = {};

function each(v: unknown, fits: (x: unknown) => boolean): boolean {
  return typeof v === "object" && v !== null && !Array.isArray(v) && Object.values(v).every(fits);
}

/** useTagColours are the colours that somebody chose for tags, kept on this computer. */
export function useTagColours() {
  return useStored("tag.colours", NO_COLOURS, (v) => each(v, (n) => typeof n === "number"));
}

/** useFieldKinds are the kinds of fields, kept on this computer; text where nothing is said. */
export function useFieldKinds() {
  return useStored("field.kinds", NO_KINDS, (v) => each(v, (k) => FIELD_KINDS.some((f) => f.value === k)));
}

/** kindOf is the kind of a field. */
export function kindOf(name: string, kinds: Readonly<Record<string, FieldKind>>): FieldKind {
  return (Object.hasOwn(kinds, name) && kinds[name]) || "text";
}
