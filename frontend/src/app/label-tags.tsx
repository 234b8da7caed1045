import { Plus } from "lucide-react";
import { useState } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { closeLabels, subjectOf, type LabelAsk } from "@/lib/label-sheet";
import { useTagColours } from "@/lib/label-looks";
import { checkTag, labelVMs, TAG_COLOURS, tagColour, tagsOf } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { TagDot } from "@/ui/tag-chips";

/** Some of several VMs have it, and that stays so. */
type Wish = boolean | undefined;

/** TagsForm gives and takes tags; a tag that only some of the VMs have stays so until it is pressed. */
export function TagsForm({ ask, all }: { ask: LabelAsk; all: readonly VM[] }) {
  const [wishes, setWishes] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [text, setText] = useState("");
  const typed = text.trim();
  const known = tagsOf(all);
  const names = [...new Set([...known.map((t) => t.name), ...wishes.keys()])];
  const shown = names.filter((n) => n.toLowerCase().includes(typed.toLowerCase()));
  const isNew = typed !== "" && !names.includes(typed);
  const error = isNew ? checkTag(typed) : undefined;
  const has = (name: string): Wish => {
    const n = ask.vms.filter((v) => v.tags.includes(name)).length;
    return n === ask.vms.length ? true : n === 0 ? false : undefined;
  };
  const now = (name: string): Wish => (wishes.has(name) ? wishes.get(name) : has(name));
  const toggle = (name: string) => {
    const next = new Map(wishes);
    const to = now(name) !== true;
    if (to === has(name)) next.delete(name);
    else next.set(name, to);
    setWishes(next);
  };
  const add = () => {
    if (typed === "" || error) return;
    if (now(typed) !== true) toggle(typed);
    setText("");
  };
  const addTags = [...wishes].filter(([, to]) => to).map(([n]) => n);
  const removeTags = [...wishes].filter(([, to]) => !to).map(([n]) => n);
  const save = () => {
    void labelVMs(ask.vms, { addTags, removeTags });
    closeLabels();
  };
  return (
    <Dialog
      open
      size="sm"
      onClose={closeLabels}
      dirty={wishes.size > 0}
      title={<>Tags of <bdi>{subjectOf(ask)}</bdi></>}
      footer={
        <>
          <Button onClick={closeLabels}>Cancel</Button>
          <Button variant="primary" disabledReason={wishes.size === 0 ? "Nothing was changed" : undefined} onClick={save}>
            Save tags
          </Button>
        </>
      }
    >
      <form
        className="flex items-start gap-2"
        onSubmit={(e) => {
          e.preventDefault();
          add();
        }}
      >
        <Field label="Find or add a tag" error={error} className="flex-1">
          <Input dir="auto" value={text} placeholder="prod" onChange={(e) => setText(e.target.value)} />
        </Field>
        <Button icon={Plus} className="mt-5" disabledReason={typed === "" ? "Type its name" : error} onClick={add}>Add</Button>
      </form>
      <ul aria-label="Tags" className="mt-2 flex max-h-72 flex-col overflow-y-auto">
        {shown.map((name) => (
          <Line key={name} name={name} state={now(name)} onToggle={() => toggle(name)} />
        ))}
      </ul>
      {shown.length === 0 && <p className="px-1 py-2 text-table text-fg-muted">{isNew ? "A new tag: press Add." : "No VM has a tag yet."}</p>}
    </Dialog>
  );
}

function Line({ name, state, onToggle }: { name: string; state: Wish; onToggle: () => void }) {
  const [colours, setColours] = useTagColours();
  const next = (tagColour(name, colours) % TAG_COLOURS) + 1;
  return (
    <li className="flex h-7 items-center gap-2 rounded-md px-1 hover:bg-raised">
      <label className="flex min-w-0 flex-1 items-center gap-2 text-table select-none">
        <input type="checkbox" className="check" checked={state === true} ref={(e) => void (e && (e.indeterminate = state === undefined))} onChange={onToggle} />
        <span className="name">{name}</span>
      </label>
      <button type="button" title="Another colour, on this computer" aria-label={`Another colour for ${name}`} className="rounded-sm p-1.5 hover:bg-overlay"
        onClick={() => setColours((all) => ({ ...all, [name]: next }))}>
        <TagDot name={name} className="block" />
      </button>
    </li>
  );
}
