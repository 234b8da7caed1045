import { lazy, Suspense } from "react";

import { Skeleton } from "./feedback";

// CodeMirror comes with the first editor that is shown.
const Editor = lazy(() => import("./code-editor-view").then((m) => ({ default: m.EditorBox })));

/** What is written. */
export type Language = "xml" | "yaml" | "text";

/** Something wrong at a line, counted from 1. */
export interface LineMark {
  line: number;
  message: string;
}

export interface CodeEditorProps {
  value: string;
  /** Absent or with readOnly: only read. */
  onChange?: (value: string) => void;
  language: Language;
  readOnly?: boolean;
  /** What it is, for screen readers: "XML of web1". */
  label: string;
  marks?: readonly LineMark[];
  /** CSS height; default fills its parent. */
  height?: string;
}

/** An editor of XML or YAML. Tab leaves it; Ctrl+] and Ctrl+[ indent; Ctrl+F searches. */
export function CodeEditor(props: CodeEditorProps) {
  return <Frame {...props} />;
}

/** What would change, inside the new text: removed lines stand above the added ones, what is the same is folded. */
export function DiffEditor({ before, after, onChange, ...props }: Omit<CodeEditorProps, "value" | "marks"> & { before: string; after: string }) {
  return <Frame {...props} value={after} before={before} onChange={onChange} />;
}

function Frame({ height = "100%", ...props }: CodeEditorProps & { before?: string }) {
  return (
    <div
      style={{ height }}
      className="min-h-0 overflow-hidden rounded-md border border-line-strong/70 bg-sunken focus-within:border-accent-line focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent-line"
    >
      <Suspense fallback={<Skeleton className="h-full w-full" />}>
        <Editor {...props} />
      </Suspense>
    </div>
  );
}
