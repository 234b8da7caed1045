import { Bookmark, Link2, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import type { View } from "@/gen/limiquantix/v1/search_pb";
import { SearchService } from "@/gen/limiquantix/v1/search_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { notify } from "@/lib/notify";
import { useViews } from "@/lib/search";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Form } from "@/ui/form";
import { Input } from "@/ui/input";
import { DropdownMenu, type MenuItem } from "@/ui/menu";

/** ViewsMenu goes to saved views, and keeps what is shown as one. They are the server's: every door has them. */
export function ViewsMenu({ query, look, onPick }: {
  query: string;
  /** How the table looks now. */
  look: () => Pick<View, "columns" | "sort">;
  onPick: (v: View) => void;
}) {
  const views = useViews("vm");
  const [saving, setSaving] = useState(false);
  const current = views.find((v) => v.query === query);
  const items: MenuItem[] = [
    ...views.map((v) => ({ id: `view:${v.name}`, label: v.name, checked: v === current, onSelect: () => onPick(v) })),
    ...(views.length > 0 ? ["line" as const] : []),
    { id: "save", label: "Save this view…", icon: Plus, onSelect: () => setSaving(true) },
    { id: "link", label: "Copy a link to it", icon: Link2, onSelect: () => void copyText(linkTo(query)) },
    ...(current ? [{ id: "delete", label: `Delete view ${current.name}`, icon: Trash2, danger: true, onSelect: () => void forget(current) }] : []),
  ];
  return (
    <>
      <DropdownMenu items={items} align="start">
        <Button size="sm" variant="ghost" icon={Bookmark} aria-label="Views">
          <span className="max-w-40 truncate">{current?.name ?? "Views"}</span>
        </Button>
      </DropdownMenu>
      {saving && <SaveView query={query} look={look} views={views} onClose={() => setSaving(false)} />}
    </>
  );
}

/** The link has the query alone, no token: whoever opens it has their own. */
function linkTo(query: string): string {
  return `${location.origin}${location.pathname}#/vms${query ? `?q=${encodeURIComponent(query)}` : ""}`;
}

async function forget(v: View) {
  try {
    await client(SearchService).deleteView({ name: v.name });
    notify({ kind: "done", title: `View ${v.name} is deleted`, text: v.query && `Its query was ${v.query}` });
  } catch (e) {
    notify({ kind: "error", title: problemOf(e).message, text: problemOf(e).hint });
  }
}

function SaveView({ query, look, views, onClose }: { query: string; look: () => Pick<View, "columns" | "sort">; views: readonly View[]; onClose: () => void }) {
  const [name, setName] = useState("");
  const [failed, setFailed] = useState<string>();
  const replace = views.some((v) => v.name === name.trim());
  const save = async () => {
    try {
      await client(SearchService).saveView({ view: { name, kind: "vm", query, ...look() }, replace });
      onClose();
    } catch (e) {
      setFailed([problemOf(e).message, problemOf(e).hint].filter(Boolean).join(". "));
    }
  };
  return (
    <Dialog
      open
      size="sm"
      onClose={onClose}
      dirty={name !== ""}
      title="Save this view"
      description={query ? <>The query <code className="font-mono">{query}</code> with the columns and the sorting shown now.</> : "All VMs, with the columns and the sorting shown now."}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="view-save" disabled={name.trim() === ""}>
            {replace ? "Replace view" : "Save view"}
          </Button>
        </>
      }
    >
      <Form id="view-save" onSubmit={() => void save()}>
        <Field label="Name" required name="name" error={failed} hint={replace ? "There is a view of this name: it is replaced" : undefined}>
          <Input value={name} maxLength={80} onChange={(e) => { setName(e.target.value); setFailed(undefined); }} placeholder="Big ones" />
        </Field>
      </Form>
    </Dialog>
  );
}
