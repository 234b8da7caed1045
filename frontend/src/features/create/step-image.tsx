import { Disc3, Search } from "lucide-react";
import { useState } from "react";

import { problemOf } from "@/lib/error";
import { bytes, plural } from "@/lib/format";
import type { Stock } from "@/lib/stock";
import { Button } from "@/ui/button";
import { Code } from "@/ui/code-block";
import { EmptyList } from "@/ui/empty-list";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { ChoiceList, ChoiceRow } from "./choice-row";
import type { ImageGroup } from "./draft";
import { baseReason } from "./rules";
import type { StepProps } from "./step";

/** StepImage chooses what the disk is based on: by name, over all hosts. */
export function StepImage({ draft, set, wrong, around, stock }: StepProps & { stock: Stock }) {
  const [text, setText] = useState("");
  const [host, setHost] = useState("");
  const found = around.groups.filter((g) => matches(g, text, host));
  const choose = (g: ImageGroup) => {
    const stays = g.at.some((i) => i.host === draft.host);
    const only = g.at.length === 1 ? g.at[0]?.host : undefined;
    set({ image: g.key, ...(stays ? {} : { host: host || only || "", pool: "" }) });
  };
  if (stock.isPending) return <Waiting />;
  if (stock.error) return <ErrorState error={problemOf(stock.error)} onRetry={stock.refetch} retrying={stock.isFetching} />;
  if (around.groups.length === 0)
    return (
      <EmptyList
        icon={Disc3}
        what="images"
        action={
          <Button variant="primary" asChild>
            <a href="#/images?add=true">Add image</a>
          </Button>
        }
      >
        An image is a disk that VMs are made from, such as the cloud image of a distribution. It is kept in a pool of a host. Installing from an ISO is not possible here yet.
      </EmptyList>
    );
  const hosts = [...new Set(around.groups.flatMap((g) => g.at.map((i) => i.host)))].sort();
  return (
    <div className="flex flex-col gap-3">
      <div className="flex gap-2">
        <Input icon={Search} aria-label="Filter images" placeholder="Filter images" value={text} onChange={(e) => setText(e.target.value)} boxClassName="max-w-80" data-table-filter />
        <Select
          label="Images of"
          className="max-w-60"
          value={host}
          onChange={setHost}
          options={[{ value: "", label: "All hosts" }, ...hosts.map((h) => ({ value: h, label: h }))]}
        />
      </div>
      {wrong("image") && <p role="alert" className="text-table text-failed">{wrong("image")}</p>}
      {found.length === 0 ? (
        <EmptyState title="No image matches" action={<Button onClick={() => { setText(""); setHost(""); }}>Show all images</Button>} />
      ) : (
        <ChoiceList label="Image" name="image">
          {found.slice(0, 200).map((g, i) => (
            <ChoiceRow
              key={g.key}
              first={i === 0}
              chosen={g.key === draft.image}
              not={baseReason(g.format)}
              title={g.name}
              note={placeNote(g)}
              facts={[g.format, bytes(g.virtualBytes)]}
              onChoose={() => choose(g)}
            />
          ))}
        </ChoiceList>
      )}
      <Installing />
      {found.length > 200 && <p className="text-table text-fg-muted">{plural(found.length - 200, "more image")}: type a part of the name.</p>}
    </div>
  );
}

/** Installing is honest about what many look for here first. */
function Installing() {
  return (
    <p className="max-w-180 text-table text-fg-muted">
      A VM is made from a disk image that has its system in it, such as a distribution&apos;s cloud image. Installing from an ISO is not possible here yet: run <Code>virt-install --cdrom</Code> on
      the host. What it makes appears here by itself.
    </p>
  );
}

function matches(g: ImageGroup, text: string, host: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const all = `${g.name} ${g.format}`.toLowerCase();
  return words.every((w) => all.includes(w)) && (host === "" || g.at.some((i) => i.host === host));
}

function placeNote(g: ImageGroup): string {
  const [first] = g.at;
  return g.at.length === 1 && first ? `On ${first.host}, pool ${first.pool}` : `On ${plural(new Set(g.at.map((i) => i.host)).size, "host")}`;
}

function Waiting() {
  return (
    <div role="status" aria-label="Reading images" className="flex flex-col gap-3">
      <Skeleton className="h-7 w-80" />
      <div className="rounded-md border border-line">
        {Array.from({ length: 5 }, (_, i) => (
          <div key={i} className="flex h-13 items-center gap-3 border-b border-line px-3 last:border-b-0">
            <Skeleton className="size-4 rounded-full" />
            <Skeleton className="h-3 w-56" />
          </div>
        ))}
      </div>
    </div>
  );
}
