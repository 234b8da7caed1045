import { useEffect, useRef, useState } from "react";

import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import { readClipboard } from "@/lib/desktop";
import { problemOf, type Problem } from "@/lib/error";
import { duration, plural } from "@/lib/format";
import { useStored } from "@/lib/stored";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Form, FormErrors } from "@/ui/form";
import { Textarea } from "@/ui/input";
import { Select } from "@/ui/select";
import { Checkbox } from "@/ui/toggle";
import { LAYOUTS, enters, typingFault, typingTime, type Layout } from "./typing";

/**
 * TypeDialog types a text as keystrokes, for guests that take no clipboard: a
 * login, an installer. It shows the text before anything is typed, because what
 * is on the clipboard may be more than one believes, and each line end is an Enter.
 */
export function TypeDialog({ vm, name, onClose }: { vm: string; name: string; onClose: () => void }) {
  const [text, setText] = useClipboardText();
  const [layout, setLayout] = useStored<Layout>("console.layout", "us");
  const [enter, setEnter] = useState(false);
  const typing = useTyping(vm, onClose);
  const all = enter ? `${text ?? ""}\n` : (text ?? "");
  const fault = typingFault(all);
  const known = LAYOUTS.some((l) => l.value === layout) ? layout : "us";
  const send = () => {
    if (all && !fault && !typing.busy) void typing.send(all, known);
  };
  const footer = (
    <>
      <Summary text={all} />
      <Button onClick={typing.busy ? typing.cancel : onClose}>Cancel</Button>
      <Button variant="primary" busy={typing.busy} disabled={!all || fault !== undefined} onClick={send}>
        {typing.busy ? "Typing" : text ? `Type ${plural(Array.from(text).length, "character")}` : "Type"}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={<>Type into <bdi>{name}</bdi></>} description="Every character is pressed as on a keyboard, where the guest's cursor is now." footer={footer}>
      <Form onSubmit={send} className="flex flex-col gap-3">
        <FormErrors error={typing.problem} />
        <Field label="Text" name="text" error={fault} hint={text === undefined ? "The clipboard cannot be read: paste here with Ctrl+V." : undefined}>
          <Textarea mono autoFocus rows={8} value={text ?? ""} onChange={(e) => setText(e.target.value)} spellCheck={false} />
        </Field>
        <div className="grid grid-cols-2 gap-4">
          <Field label="Keyboard layout of the guest" name="layout">
            <Select value={known} onChange={setLayout} options={LAYOUTS} />
          </Field>
          <div className="flex items-end pb-1">
            <Checkbox label="Press Enter at the end" checked={enter} onChange={setEnter} />
          </div>
        </div>
      </Form>
    </Dialog>
  );
}

function Summary({ text }: { text: string }) {
  if (!text) return <span className="flex-1" />;
  const n = enters(text);
  const pressed = n === 0 ? "Enter is not pressed" : `Enter is pressed ${n === 1 ? "once" : `${n} times`}`;
  return (
    <span className="flex-1 text-table text-fg-muted">
      {pressed}, about {duration(typingTime(text))}
    </span>
  );
}

/** useClipboardText begins with what is on the clipboard; undefined while nothing is typed and it cannot be read. */
function useClipboardText(): [string | undefined, (text: string) => void] {
  const [text, setText] = useState<string>();
  const touched = useRef(false);
  useEffect(() => {
    void readClipboard().then((t) => !touched.current && setText(t));
  }, []);
  const set = (t: string) => {
    touched.current = true;
    setText(t);
  };
  return [text, set];
}

/** useTyping sends; leaving the dialog stops what is not typed yet. */
function useTyping(vm: string, done: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const send = async (text: string, layout: Layout) => {
    const mine = new AbortController();
    abort.current = mine;
    setBusy(true);
    setProblem(undefined);
    try {
      await client(VMService).typeVM({ vm, text, layout }, { signal: mine.signal });
      done();
    } catch (e) {
      const p = problemOf(e);
      if (p.code !== "canceled") setProblem(p);
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, send, cancel: () => abort.current?.abort() };
}
