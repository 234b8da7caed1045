import { kindOf, type FieldKind } from "@/lib/label-looks";
import type { VMRow } from "@/lib/query-vm";
import { ExternalLink } from "@/ui/external-link";
import type { CellValue, ColumnDef } from "@/ui/table-columns";

/** ownColumns are the columns that administrators made, one for each field. */
export function ownColumns(names: readonly string[], kinds: Readonly<Record<string, FieldKind>>): ColumnDef<VMRow>[] {
  return names.map((name) => {
    const kind = kindOf(name, kinds);
    const text = (r: VMRow) => r.vm.fields[name] ?? "";
    return {
      id: `cf.${name}`,
      header: name,
      value: (r) => valueOf(kind, text(r)),
      text,
      cell: (r) => <OwnCell kind={kind} text={text(r)} />,
      filter: kind === "number" ? "number" : kind === "checkbox" ? "choice" : "text",
      align: kind === "number" ? "end" : "start",
      width: 120,
      hidden: true,
    };
  });
}

/** valueOf is what a field is sorted and filtered by. */
export function valueOf(kind: FieldKind, text: string): CellValue {
  if (text === "") return undefined;
  if (kind === "number") return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (kind === "checkbox") return isChecked(text);
  return text;
}

/** isChecked tells what stands for "yes" in a checkbox. */
export function isChecked(text: string): boolean {
  return ["yes", "true", "1", "x", "on"].includes(text.trim().toLowerCase());
}

/** OwnCell shows a field as its kind says. The text is a host's: only a web address is a link, and it opens outside. */
export function OwnCell({ kind, text }: { kind: FieldKind; text: string }) {
  if (kind === "checkbox") return text === "" ? null : <span>{isChecked(text) ? "✓ yes" : "no"}</span>;
  return kind === "link" ? <ExternalLink to={text} className="name">{text}</ExternalLink> : <bdi>{text}</bdi>;
}
