import { FolderInput, Table2, Tags } from "lucide-react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { kindOf, useFieldKinds } from "@/lib/label-looks";
import { editLabels } from "@/lib/label-sheet";
import { quoted } from "@/lib/query-text";
import { IconButton } from "@/ui/button";
import { PropertyList, Section, type Property } from "@/ui/property-list";
import { TagChips } from "@/ui/tag-chips";
import { OwnCell } from "./own-columns";

const listOf = (query: string) => `#/vms?q=${encodeURIComponent(query)}`;

/** LabelSection is what administrators wrote onto a VM: tags, folder, fields of their own. */
export function LabelSection({ vm, away }: { vm: VM; away: string | undefined }) {
  const [kinds] = useFieldKinds();
  const facts: Property[] = [
    { label: "Tags", value: vm.tags.length > 0 && <TagChips tags={vm.tags} wrap href={(t) => listOf(`tag:${quoted(t)}`)} /> },
    { label: "Folder", value: vm.folder && <a className="text-accent-fg hover:underline" href={listOf(`folder:${quoted(vm.folder)}`)}><bdi>{vm.folder}</bdi></a> },
  ];
  const own: Property[] = Object.entries(vm.fields)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, text]) => ({ label: name, value: <OwnCell kind={kindOf(name, kinds)} text={text} /> }));
  return (
    <Section
      title="Labels"
      actions={
        <>
          <IconButton size="sm" icon={Tags} label="Edit tags" disabledReason={away} onClick={() => editLabels({ vms: [vm], what: "tags" })} />
          <IconButton size="sm" icon={FolderInput} label="Move to a folder" disabledReason={away} onClick={() => editLabels({ vms: [vm], what: "folder" })} />
          <IconButton size="sm" icon={Table2} label="Edit fields" disabledReason={away} onClick={() => editLabels({ vms: [vm], what: "fields" })} />
        </>
      }
    >
      <PropertyList label={`Labels of ${vm.name}`} items={facts.map((f) => (f.value === false ? { ...f, value: "" } : f))} />
      {own.length > 0 && <PropertyList label={`Fields of ${vm.name}`} items={own} />}
    </Section>
  );
}
