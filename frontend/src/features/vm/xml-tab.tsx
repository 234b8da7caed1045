import { useQuery } from "@connectrpc/connect-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { operate } from "@/lib/operate";
import { vmRef } from "@/lib/vm-actions";
import { Button } from "@/ui/button";
import { CodeEditor, DiffEditor } from "@/ui/code-editor";
import { CopyButton } from "@/ui/copy-button";
import { Alert, ErrorState, Skeleton } from "@/ui/feedback";
import { Toolbar } from "@/ui/page-header";
import { Segmented } from "@/ui/toggle";
import { useEdit, type Edit } from "./use-edit";
import { markOf } from "./xml-check";

/** What was read and what was made of it. */
interface Draft {
  base: string;
  /** Of base: what EditVM compares. */
  hash: string;
  text: string;
}

type View = "saved" | "live";

/** XMLTab shows libvirt's XML, and changes the saved one: a diff first, then the plan. */
export function XMLTab({ vm, away }: { vm: VM; away: string | undefined }) {
  const on = vm.state !== VM_State.STOPPED && vm.state !== VM_State.CRASHED;
  const { live } = useSearch({ strict: false });
  const navigate = useNavigate();
  const setView = (v: View) => void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: vm.host, uuid: vm.uuid, tab: "xml" }, search: v === "live" ? { live: true } : {}, replace: true });
  const view: View = on && (live || !vm.persistent) ? "live" : "saved";
  const query = useQuery(VMService.method.getVMXML, { vm: vmRef(vm), live: view === "live" }, { enabled: !away, staleTime: 10_000, refetchOnWindowFocus: true });
  const edit = useEdit<Draft>(`xml/${vmRef(vm)}`, () => void query.refetch());
  const choice = (
    <Segmented
      label="Which XML"
      value={view}
      onChange={setView}
      options={[...(vm.persistent ? [{ value: "saved" as const, label: "Saved" }] : []), ...(on ? [{ value: "live" as const, label: "Running" }] : [])]}
    />
  );
  if (view === "saved" && (edit.value || query.data))
    return <Saved vm={vm} away={away} edit={edit} now={query.data ? { xml: query.data.xml, hash: query.data.hash } : undefined} choice={choice} reread={() => void query.refetch()} />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Toolbar label="XML">
        {choice}
        <span className="flex-1 text-table text-fg-muted">{view === "live" && "What runs now. It is read only: changes go into the saved XML."}</span>
        {query.data && <CopyButton text={query.data.xml} label="Copy XML" words />}
      </Toolbar>
      <div className="min-h-0 flex-1 p-3">
        {query.data ? (
          <CodeEditor key={view} value={query.data.xml} language="xml" readOnly label={`Running XML of ${vm.name}`} />
        ) : away ? (
          <ErrorState error={{ message: away, hint: "XML is read from the host itself." }} />
        ) : query.error ? (
          <ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} retrying={query.isFetching} />
        ) : (
          <Skeleton className="h-full w-full" />
        )}
      </div>
    </div>
  );
}

interface SavedProps {
  vm: VM;
  away: string | undefined;
  edit: Edit<Draft>;
  /** As it is on the host; undefined when it cannot be read. */
  now: { xml: string; hash: string } | undefined;
  choice: ReactNode;
  reread: () => void;
}

type Step = "write" | "compare" | "theirs";

function Saved({ vm, away, edit, now, choice, reread }: SavedProps) {
  const [wanted, setStep] = useState<Step>("write");
  const draft = edit.value;
  const base = draft?.base ?? now?.xml ?? "";
  const text = draft?.text ?? base;
  const changed = text !== base;
  const step: Step = changed || wanted === "theirs" ? wanted : "write";
  const moved = draft !== undefined && changed && now !== undefined && now.hash !== draft.hash;
  const mark = changed ? markOf(text) : undefined;
  const write = (t: string) => {
    const hash = draft?.hash ?? now?.hash;
    if (hash !== undefined) edit.set({ base, hash, text: t });
  };
  const discard = () => {
    edit.discard();
    setStep("write");
  };
  const rebase = () => {
    if (draft && now) edit.set({ base: now.xml, hash: now.hash, text: draft.text });
    setStep("compare");
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Toolbar label="XML">
        {choice}
        {mark && step === "write" ? (
          <span role="status" className="flex-1 truncate text-table text-failed">{`Line ${mark.line}: ${mark.message}`}</span>
        ) : (
          <span className="flex-1 truncate text-table text-fg-muted">{words(step, changed, vm)}</span>
        )}
        {!changed && <CopyButton text={text} label="Copy XML" words />}
        {changed && <Button size="sm" onClick={discard}>Discard</Button>}
        {changed && step !== "write" && <Button size="sm" onClick={() => setStep("write")}>Back to writing</Button>}
        {changed && step === "write" && (
          <Button size="sm" variant="primary" disabledReason={mark && `Line ${mark.line}: ${mark.message}`} onClick={() => setStep("compare")}>
            Show changes
          </Button>
        )}
        {draft && changed && step === "compare" && (
          <Button size="sm" variant="primary" busy={edit.saving} disabledReason={away ?? (moved ? "Look at what changed meanwhile first" : undefined)} onClick={() => void save(vm, draft, edit, reread, () => setStep("theirs"))}>
            Save changes
          </Button>
        )}
      </Toolbar>
      {moved && <Moved vm={vm} seen={step === "theirs"} onShow={() => setStep("theirs")} onRebase={rebase} />}
      <div className="min-h-0 flex-1 p-3">
        {step === "write" && <CodeEditor value={text} onChange={away ? undefined : write} language="xml" label={`Saved XML of ${vm.name}`} marks={mark ? [mark] : undefined} />}
        {step === "compare" && <DiffEditor key="mine" before={base} after={text} language="xml" readOnly label={`Changes of ${vm.name}`} />}
        {step === "theirs" && now && <DiffEditor key="theirs" before={base} after={now.xml} language="xml" readOnly label={`What others changed in ${vm.name}`} />}
      </div>
    </div>
  );
}

/** save asks for the plan. When someone else was faster, what is there now is read, and Moved tells. */
function save(vm: VM, draft: Draft, edit: Edit<Draft>, reread: () => void, theirs: () => void): Promise<void> {
  return operate({
    act: `Save XML of ${vm.name}`,
    call: (ask) =>
      client(VMService).editVM({ vm: vmRef(vm), xml: draft.text, baseHash: draft.hash, ...ask }).catch((e: unknown) => {
        if (problemOf(e).code === "conflict") reread();
        throw e;
      }),
    passed: { label: "Show what changed", run: theirs },
    begun: edit.sent,
  });
}

function Moved({ vm, seen, onShow, onRebase }: { vm: VM; seen: boolean; onShow: () => void; onRebase: () => void }) {
  const actions = (
    <span className="flex gap-2">
      {!seen && <Button size="sm" onClick={onShow}>Show what changed</Button>}
      <Button size="sm" onClick={onRebase}>Compare mine with it</Button>
    </span>
  );
  return (
    <Alert banner tone="warning" title={`${vm.name} was changed by someone else since you began`} action={actions}>
      Your text is kept. Compared with what is there now, it shows what saving would take back.
    </Alert>
  );
}

function words(step: Step, changed: boolean, vm: VM): string {
  if (step === "theirs") return "What others changed";
  if (step === "compare") return "What you changed. Nothing is saved yet.";
  if (changed) return "Changed, not saved. It is kept in this tab until you save or discard it.";
  return vm.state === VM_State.STOPPED ? "What is saved on the host. Type to change it." : "What is saved on the host, for its next boot. Type to change it.";
}
