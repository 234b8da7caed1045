import { xml } from "@codemirror/lang-xml";
import { yaml } from "@codemirror/lang-yaml";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState, StateEffect, StateField, type Extension, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet } from "@codemirror/view";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useRef } from "react";

import type { CodeEditorProps, Language, LineMark } from "./code-editor";
import { editorTheme } from "./code-theme";

const languages: Record<Language, () => Extension> = { xml: () => xml(), yaml: () => yaml(), text: () => [] };

type BoxProps = Omit<CodeEditorProps, "height"> & { before?: string };

/**
 * CodeMirror in a shadow root: in a plain document it writes a <style>
 * element, which the Content-Security-Policy forbids; in a shadow root it adopts
 * style sheets, which it allows.
 */
export function EditorBox({ value, onChange, language, readOnly = onChange === undefined, label, marks, before }: BoxProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useRef(onChange);
  const first = useRef(value);
  useEffect(() => {
    changed.current = onChange;
    first.current = value;
  });

  useEffect(() => {
    const at = host.current;
    if (!at) return;
    const root = at.shadowRoot ?? at.attachShadow({ mode: "open", delegatesFocus: true });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          basicSetup,
          editorTheme,
          languages[language](),
          lineMarks,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": String(readOnly) }),
          EditorView.updateListener.of((u) => u.docChanged && changed.current?.(u.state.doc.toString())),
          before === undefined ? [] : unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [language, readOnly, label, before]);

  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => view.current?.dispatch({ effects: setMarks.of(marks ?? []) }), [marks, value]);

  return <div ref={host} className="h-full" data-editor={label} />;
}

const setMarks = StateEffect.define<readonly LineMark[]>();

/** Lines with something wrong: coloured, with the sentence behind the line. */
const lineMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, tr) {
    const next = tr.effects.find((e) => e.is(setMarks));
    return next ? decorate(tr.state.doc, next.value) : shown.map(tr.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorate(doc: Text, marks: readonly LineMark[]): DecorationSet {
  const valid = marks.filter((m) => m.line >= 1 && m.line <= doc.lines).sort((a, b) => a.line - b.line);
  return Decoration.set(
    valid.map((m) => Decoration.line({ class: "cm-wrong", attributes: { "data-message": m.message, "aria-description": m.message } }).range(doc.line(m.line).from)),
  );
}
