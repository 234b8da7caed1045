import { Copy, Pencil, Play, Settings, Square, Trash2 } from "lucide-react";
import { useState } from "react";

import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog, Sheet } from "@/ui/dialog";
import { DiffView } from "@/ui/diff-view";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { ContextMenu, DropdownMenu, type MenuItem } from "@/ui/menu";
import { Popover } from "@/ui/popover";
import { Section } from "@/ui/property-list";
import { Select } from "@/ui/select";
import { notify } from "@/lib/notify";

const nothing = () => undefined;
const menu: MenuItem[] = [
  { id: "start", label: "Start", icon: Play, onSelect: nothing, disabledReason: "It runs already" },
  { id: "stop", label: "Shut down", icon: Square, onSelect: nothing },
  { id: "edit", label: "Edit", icon: Pencil, shortcut: "E", onSelect: nothing },
  "line",
  { title: "Make another" },
  { id: "clone", label: "Clone", icon: Copy, items: [{ id: "full", label: "Full copy", onSelect: nothing }, { id: "linked", label: "Linked clone", onSelect: nothing }] },
  { id: "auto", label: "Start with the host", checked: true, onSelect: nothing },
  "line",
  { id: "delete", label: "Delete web1", icon: Trash2, danger: true, onSelect: nothing },
];
const folders = ["web", "databases", "build"].map((value) => ({ value, label: value }));
const diff = `--- web1
+++ web1
@@ -3,7 +3,7 @@
   <uuid>6f1c2d3e-0a1b-4c2d-8e3f-445566778899</uuid>
   <memory unit="KiB">4194304</memory>
   <currentMemory unit="KiB">4194304</currentMemory>
-  <vcpu placement="static">2</vcpu>
+  <vcpu placement="static">4</vcpu>
   <os>
     <type arch="x86_64" machine="pc-q35-7.2">hvm</type>
   </os>
`;

/** Dialogs, sheets, menus, and what the plan sheet is made of. */
export function KitOverlays() {
  const [open, setOpen] = useState<"dialog" | "sheet" | "confirm" | "simple">();
  const [text, setText] = useState("");
  const [folder, setFolder] = useState("web");
  const close = () => setOpen(undefined);
  return (
    <div className="grid items-start gap-3 p-3 xl:grid-cols-2">
      <Section title="Opens">
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setOpen("dialog")}>Open dialog</Button>
          <Button onClick={() => setOpen("sheet")}>Open sheet</Button>
          <Button onClick={() => setOpen("confirm")}>Open typed confirmation</Button>
          <Button onClick={() => setOpen("simple")}>Open confirmation</Button>
          <DropdownMenu items={menu}>
            <Button>Open menu</Button>
          </DropdownMenu>
          <Popover label="View" trigger={<Button icon={Settings}>Open popover</Button>} className="w-60">
            <Field label="Group by">
              <Input />
            </Field>
          </Popover>
          <Button onClick={() => notify({ kind: "done", title: "web1 started", task: "t1", undo: "Stop web1" })}>Notify</Button>
        </div>
        <ContextMenu items={() => menu}>
          <div tabIndex={0} className="mt-3 grid h-16 place-items-center rounded-md border border-dashed border-line-strong text-fg-muted">
            Right click here
          </div>
        </ContextMenu>
      </Section>
      <Section title="Code and changes">
        <div className="flex flex-col gap-2">
          <CodeBlock label="command line" prompt text="limiquantix vm set web1 --cpus 4" />
          <DiffView diff={diff} title="XML of web1" open />
          <DiffView diff={diff} title="XML of web1, folded" />
        </div>
      </Section>
      <Dialog
        open={open === "dialog"}
        onClose={() => (setText(""), close())}
        dirty={text !== ""}
        title="Rename web1"
        description="The guest does not notice."
        size="sm"
        footer={<><Button onClick={close}>Cancel</Button><Button variant="primary">Rename web1</Button></>}
      >
        <Field label="New name">
          <Input autoFocus value={text} onChange={(e) => setText(e.target.value)} />
        </Field>
        <Field label="Folder" className="mt-3">
          <Select value={folder} onChange={setFolder} options={folders} />
        </Field>
      </Dialog>
      <Sheet
        open={open === "sheet"}
        onClose={close}
        title="Change 2 settings of web1"
        description="1 now, 1 at the next boot. Nothing has been done yet."
        footer={<><Button onClick={close}>Cancel</Button><Button variant="primary">Set 4 vCPUs</Button></>}
      >
        <div className="flex flex-col gap-3">
          <DiffView diff={diff} title="XML of web1" />
          <CodeBlock label="command line" prompt text="limiquantix vm set web1 --cpus 4" />
        </div>
      </Sheet>
      <ConfirmDialog
        open={open === "confirm"}
        onClose={close}
        title="Delete VM web1 and its disks?"
        goes={["Volume web1.qcow2, 12 GiB, in pool default", "Volume web1-data.qcow2, 300 GiB, in pool ssd", "4 snapshots"]}
        typed="web1"
        act="Delete web1 and 2 volumes"
        onAct={close}
        error={{ message: "Volume web1-data.qcow2 is used by web2", hint: "Detach it there first." }}
      >
        The VM is stopped and its configuration is removed from kvm1.
      </ConfirmDialog>
      <ConfirmDialog open={open === "simple"} onClose={close} title="Remove host kvm3 from this list?" act="Remove kvm3" onAct={close}>
        Nothing changes on the host; its 14 VMs go on.
      </ConfirmDialog>
    </div>
  );
}
