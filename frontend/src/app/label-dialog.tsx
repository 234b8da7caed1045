import { useState } from "react";

import { useVMs, vmKey } from "@/lib/inventory";
import { closeLabels, subjectOf, useLabelAsk, type LabelAsk } from "@/lib/label-sheet";
import { checkVMFolder, foldersOf, labelVMs } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { FieldsForm } from "./label-fields";
import { TagsForm } from "./label-tags";

/** LabelDialog changes tags, folder or fields of the VMs that somebody asked for. */
export function LabelDialog() {
  const ask = useLabelAsk();
  const { vms } = useVMs();
  if (!ask) return null;
  // As they are now: another may have changed them while the dialog is open.
  const now = new Map(vms.map((v) => [vmKey(v), v]));
  const fresh: LabelAsk = { ...ask, vms: ask.vms.map((v) => now.get(vmKey(v)) ?? v) };
  const key = ask.vms.map(vmKey).join(" ");
  return { tags: <TagsForm key={key} ask={fresh} all={vms} />, folder: <FolderForm key={key} ask={fresh} folders={foldersOf(vms).map((f) => f.name)} />, fields: <FieldsForm key={key} ask={fresh} all={vms} /> }[ask.what];
}

function FolderForm({ ask, folders }: { ask: LabelAsk; folders: readonly string[] }) {
  const [first, ...others] = new Set(ask.vms.map((v) => v.folder));
  const was = others.length === 0 ? (first ?? "") : "";
  const [folder, setFolder] = useState(was);
  const error = checkVMFolder(folder);
  const none = folder.split("/").every((p) => p.trim() === "");
  // Before anything is typed, all of them; then those that what is typed is a part of.
  const near = folders.filter((f) => f !== folder && (folder === was || f.toLowerCase().includes(folder.trim().toLowerCase()))).slice(0, 8);
  const save = () => {
    if (error) return;
    void labelVMs(ask.vms, { folder: folder.trim() });
    closeLabels();
  };
  return (
    <Dialog
      open
      onClose={closeLabels}
      dirty={folder !== was}
      title={<>Move <bdi>{subjectOf(ask)}</bdi> to a folder</>}
      description="Folders order VMs in the tree, whatever host they are on. They are kept in the VMs themselves, so everyone sees them."
      footer={
        <>
          <Button onClick={closeLabels}>Cancel</Button>
          <Button variant="primary" disabledReason={error ?? (folder === was && others.length === 0 ? "It is there already" : undefined)} onClick={save}>
            {none ? "Take out of the folder" : `Move to ${folder.trim()}`}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          save();
        }}
      >
        <Field label="Folder" error={error} hint="Like /prod/web. It need not exist. Empty: no folder.">
          <Input dir="auto" value={folder} placeholder="/prod/web" onChange={(e) => setFolder(e.target.value)} />
        </Field>
      </form>
      {near.length > 0 && (
        <ul aria-label="Folders that exist" className="mt-2 flex flex-col">
          {near.map((f) => (
            <li key={f}>
              <button type="button" className="w-full truncate rounded-md px-2 py-1 text-start text-table hover:bg-raised" onClick={() => setFolder(f)}>
                <bdi>{f}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
