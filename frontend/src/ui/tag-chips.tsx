import { tagColour } from "@/lib/labels";
import { useTagColours } from "@/lib/label-looks";
import { cx } from "./cx";

const dots = ["", "bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5", "bg-chart-6"];

/** TagDot is a tag's colour. The tag's name stands beside it: colour alone tells nothing. */
export function TagDot({ name, className }: { name: string; className?: string }) {
  const [colours] = useTagColours();
  return <span aria-hidden className={cx("size-2 shrink-0 rounded-full", dots[tagColour(name, colours)], className)} />;
}

/** TagChip is one tag; with href a link to what has it. */
export function TagChip({ name, href }: { name: string; href?: string }) {
  const looks = "inline-flex h-5 max-w-48 items-center gap-1.5 rounded-sm border border-line bg-raised px-1.5 text-caption text-fg-secondary";
  const inside = (
    <>
      <TagDot name={name} />
      <span className="name">{name}</span>
    </>
  );
  return href ? <a href={href} title={`VMs with tag ${name}`} className={cx(looks, "hover:text-fg")}>{inside}</a> : <span title={name} className={looks}>{inside}</span>;
}

/** TagChips is all tags of something, on one line in a table. */
export function TagChips({ tags, wrap = false, href }: { tags: readonly string[]; wrap?: boolean; href?: (tag: string) => string }) {
  if (tags.length === 0) return null;
  return (
    <span role="list" aria-label="Tags" className={cx("inline-flex min-w-0 items-center gap-1 align-middle", wrap ? "flex-wrap" : "overflow-hidden")}>
      {tags.map((t) => (
        <span key={t} role="listitem" className="inline-flex min-w-0">
          <TagChip name={t} href={href?.(t)} />
        </span>
      ))}
    </span>
  );
}
