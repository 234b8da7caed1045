import { localText } from "@/lib/moment";
import { Input } from "@/ui/input";

/** MomentField is a time with its label before it, for a table's bar. */
export function MomentField({ label, value, onChange }: { label: string; value: string; onChange: (text: string | undefined) => void }) {
  return (
    <label className="flex items-center gap-2 text-table whitespace-nowrap text-fg-secondary">
      {label}
      <Input type="datetime-local" aria-label={label} step={1} max={localText(new Date())} value={value} onChange={(e) => onChange(e.target.value || undefined)} />
    </label>
  );
}
