import { useState } from "react";

import { sentence } from "@/lib/error";
import type { Problem } from "@/lib/error";
import type { PreviewCloudInitResponse } from "@/gen/limiquantix/v1/vm_pb";
import { CodeEditor } from "@/ui/code-editor";
import { CopyButton } from "@/ui/copy-button";
import { Alert, EmptyState, Skeleton } from "@/ui/feedback";
import { Segmented, Switch } from "@/ui/toggle";
import { CloudInitForm } from "./cloud-init-form";
import type { StepProps } from "./step";
import { usePreview } from "./use-preview";

/** StepCloudInit is the form, and beside it what it makes: the files that the guest reads on its first boot. */
export function StepCloudInit(props: StepProps) {
  const { draft, set } = props;
  const { files, problem } = usePreview(draft);
  return (
    <div className="flex flex-col gap-4">
      <Switch label="Configure the guest by cloud-init" hint="A small CD with these settings, for images that are made for it. Without it the image starts as it is." checked={draft.seed} onChange={(seed) => set({ seed })} />
      {draft.seed && (
        <div className="grid min-h-0 grid-cols-1 gap-5 xl:grid-cols-2">
          <CloudInitForm {...props} problem={problem} />
          <Files files={files} problem={problem} />
        </div>
      )}
    </div>
  );
}

const NAMES = [
  { value: "userData", label: "user-data" },
  { value: "metaData", label: "meta-data" },
  { value: "networkConfig", label: "network-config" },
] as const;

function Files({ files, problem }: { files: PreviewCloudInitResponse | undefined; problem: Problem | undefined }) {
  const [file, setFile] = useState<(typeof NAMES)[number]["value"]>("userData");
  const text = files?.[file] ?? "";
  return (
    <section aria-label="What the guest reads" className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center gap-2">
        <Segmented label="File" options={NAMES} value={file} onChange={setFile} />
        <span className="flex-1" />
        {text && <CopyButton text={text} label="Copy this file" />}
      </div>
      {problem && problem.code !== "invalid" && <Alert tone="warning" title={sentence(problem.message)}>{problem.hint}</Alert>}
      {problem?.code === "invalid" && <p role="status" className="text-table text-warning">As it was before: what is typed now is not right yet.</p>}
      <div className="h-120">
        {files ? (
          text ? <CodeEditor label={`Preview of ${file}`} language="yaml" readOnly value={text} /> : <EmptyState title="The image's own way">DHCP on every network card.</EmptyState>
        ) : (
          !problem && <Skeleton className="h-full w-full" />
        )}
      </div>
    </section>
  );
}
