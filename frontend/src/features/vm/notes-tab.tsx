import { NotebookPen, Pencil } from "lucide-react";
import { Fragment } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import { operate } from "@/lib/operate";
import { vmRef } from "@/lib/vm-actions";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { ExternalLink } from "@/ui/external-link";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { Section } from "@/ui/property-list";
import { parseNotes, type Block, type Span } from "./notes";
import { useEdit, type Edit } from "./use-edit";
import type { Found } from "./use-vm";

/** NotesTab shows and changes a VM's description. */
export function NotesTab({ vm, found }: { vm: VM; found: Found }) {
  const edit = useEdit<string>(`notes/${vmRef(vm)}`, found.retry);
  if (edit.value !== undefined) return <Editor vm={vm} text={edit.value} edit={edit} away={found.away} />;
  if (!found.detailed) return <Waiting found={found} />;
  const change = (
    <Button size="sm" icon={Pencil} disabledReason={found.away} onClick={() => edit.set(vm.description)}>
      {vm.description ? "Edit notes" : "Write notes"}
    </Button>
  );
  if (!vm.description)
    return (
      <EmptyState icon={NotebookPen} title={`No notes on ${vm.name}`} action={change}>
        What others should know of it: owner, purpose, what not to do. They are kept in the VM itself, so everyone sees them.
      </EmptyState>
    );
  return (
    <div className="p-4">
      <Section title="Notes" actions={change} className="max-w-200">
        <Notes text={vm.description} />
      </Section>
    </div>
  );
}

function Waiting({ found }: { found: Found }) {
  if (found.away) return <EmptyState icon={NotebookPen} title="Notes are read from the host">{found.away}</EmptyState>;
  if (found.problem) return <ErrorState error={found.problem} onRetry={found.retry} />;
  return <Skeleton className="m-4 h-40 max-w-200" />;
}

function Editor({ vm, text, edit, away }: { vm: VM; text: string; edit: Edit<string>; away: string | undefined }) {
  const save = () =>
    operate({
      act: "Save notes",
      call: (ask) => client(VMService).labelVMs({ vms: [vmRef(vm)], notes: text, ...ask }),
      begun: edit.sent,
    });
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2">
      <div className="flex flex-col gap-3">
        <Field label="Notes" hint="# heading, - list, **bold**, `code`. Links open outside.">
          <Textarea autoFocus rows={18} value={text} onChange={(e) => edit.set(e.target.value)} />
        </Field>
        <div className="flex gap-2">
          <Button variant="primary" busy={edit.saving} disabledReason={away ?? (text === vm.description ? "Nothing was changed" : undefined)} onClick={() => void save()}>
            Review changes
          </Button>
          <Button onClick={edit.discard}>Discard</Button>
        </div>
      </div>
      <Section title="How it will look" className="self-start">
        <Notes text={text} />
      </Section>
    </div>
  );
}

/** Notes is text of a host, made readable: nothing in it acts. */
export function Notes({ text }: { text: string }) {
  return (
    <div className="flex flex-col gap-2 [overflow-wrap:anywhere]" dir="auto">
      {parseNotes(text).map((b, i) => (
        <BlockView key={i} block={b} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return <p role="heading" aria-level={block.level + 2} className="mt-1 text-title font-semibold"><Spans spans={block.spans} /></p>;
    case "code":
      return <CodeBlock text={block.text} label="code" />;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={block.ordered ? "list-decimal pl-5" : "list-disc pl-5"}>
          {block.items.map((s, i) => <li key={i}><Spans spans={s} /></li>)}
        </List>
      );
    }
    case "paragraph":
      return <p>{block.lines.map((s, i) => <Fragment key={i}>{i > 0 && <br />}<Spans spans={s} /></Fragment>)}</p>;
  }
}

const looks: Record<Exclude<Span["kind"], "link">, string> = {
  text: "",
  strong: "font-semibold",
  code: "rounded-sm bg-sunken px-1 font-mono text-[0.92em]",
};

function Spans({ spans }: { spans: readonly Span[] }) {
  return spans.map((s, i) => {
    if (s.kind === "link") return <ExternalLink key={i} to={s.text}>{s.text}</ExternalLink>;
    return <span key={i} className={looks[s.kind]}>{s.text}</span>;
  });
}
