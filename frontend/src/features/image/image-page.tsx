import { useNavigate, useSearch } from "@tanstack/react-router";
import { Disc3, MonitorUp, Plus, Trash2 } from "lucide-react";

import type { Image } from "@/gen/limiquantix/v1/image_pb";
import { ImageService } from "@/gen/limiquantix/v1/image_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { bytes } from "@/lib/format";
import { hostHref, poolHref } from "@/lib/links";
import { operate } from "@/lib/operate";
import { useImages } from "@/lib/stock";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyList, useNoHost } from "@/ui/empty-list";
import { HostGaps } from "@/ui/host-gaps";
import { HostName } from "@/ui/host-name";
import type { MenuItem } from "@/ui/menu";
import { PageHeader } from "@/ui/page-header";
import type { ColumnDef } from "@/ui/table-columns";
import { AddImageDialog } from "./add-image-dialog";

const idOf = (i: Image) => `${i.host}/${i.pool}/${i.name}`;
const sorting = [{ id: "name", desc: false }, { id: "host", desc: false }];

const COLUMNS: ColumnDef<Image>[] = [
  { id: "name", header: "Name", width: 300, value: (i) => i.name },
  { id: "format", header: "Format", width: 90, value: (i) => i.format, filter: "choice" },
  { id: "size", header: "Disk size", width: 100, align: "end", filter: "bytes", value: (i) => i.virtualBytes, text: (i) => bytes(i.virtualBytes) },
  { id: "takes", header: "Used on disk", width: 110, align: "end", filter: "bytes", value: (i) => i.allocationBytes, text: (i) => bytes(i.allocationBytes) },
  { id: "host", header: "Host", width: 150, value: (i) => i.host, filter: "choice", cell: (i) => <HostName name={i.host} href={hostHref(i.host)} /> },
  { id: "pool", header: "Pool", width: 150, value: (i) => i.pool, filter: "choice", cell: (i) => <a className="name hover:underline" href={poolHref({ host: i.host, name: i.pool })}>{i.pool}</a> },
  { id: "path", header: "Path", width: 320, mono: true, hidden: true, value: (i) => i.path },
];

/** remove asks to delete an image: its plan says what is based on it, and its name has to be typed. */
function remove(i: Image): void {
  void operate({
    call: (ask) => client(ImageService).removeImage({ host: i.host, pool: i.pool, name: i.name, ...ask }),
    act: `Delete image ${i.name}`,
    typed: i.name,
  });
}

/** ImagePage is the images of all hosts. */
export function ImagePage() {
  const stock = useImages();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (add: boolean) => void navigate({ to: "/images", search: (s) => ({ q: s.q, ...(add ? { add } : {}) }), replace: true });
  const awayOf = (i: Image | undefined) => (i && stock.old.has(i.host) ? (unreachable(stock.away.find((h) => h.name === i.host)) ?? "Its host does not tell") : undefined);
  const menu = (chosen: readonly Image[]): MenuItem[] => {
    const [only] = chosen;
    const many = chosen.length > 1 ? "One image at a time" : awayOf(only);
    const noBase = only?.format === "iso" ? "Installing from an ISO is not possible here yet" : undefined;
    return [
      { id: "create", label: "Create a VM from it", icon: MonitorUp, disabledReason: many ?? noBase, onSelect: () => only && void navigate({ to: "/create", search: { host: only.host, image: only.name } }) },
      "line",
      { id: "delete", label: "Delete …", icon: Trash2, danger: true, disabledReason: many, onSelect: () => only && remove(only) },
    ];
  };
  const button = (
    <Button variant="primary" icon={Plus} disabledReason={useNoHost()} onClick={() => show(true)}>
      Add image
    </Button>
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Disc3} name="Images" primary={button} />
      <HostGaps away={stock.away} problems={stock.problems} old={stock.old} what="images" />
      <div className="min-h-0 flex-1">
        <DataTable
          id="images"
          label="Images"
          noun="image"
          columns={COLUMNS}
          rows={stock.all}
          rowDim={(i) => stock.old.has(i.host)}
          getRowId={idOf}
          sorting={sorting}
          rowMenu={menu}
          bulkActions={(chosen) => {
            const [only] = chosen;
            const many = chosen.length > 1 ? "One image at a time" : awayOf(only);
            const noBase = only?.format === "iso" ? "Installing from an ISO is not possible here yet" : undefined;
            return (
              <>
                <Button size="sm" icon={MonitorUp} disabledReason={many ?? noBase} onClick={() => only && void navigate({ to: "/create", search: { host: only.host, image: only.name } })}>
                  Create a VM
                </Button>
                <Button size="sm" icon={Trash2} disabledReason={many} onClick={() => only && remove(only)}>
                  Delete …
                </Button>
              </>
            );
          }}
          query={search.q ?? ""}
          onQuery={(q) => void navigate({ to: "/images", search: q ? { q } : {}, replace: true })}
          placeholder="Filter images"
          status={stock.error ? problemOf(stock.error) : stock.isPending ? "loading" : "ready"}
          onRetry={stock.refetch}
          emptyState={
            <EmptyList icon={Disc3} what="images" action={button}>
              An image is a disk that VMs are made from, such as the cloud image of a distribution, or an ISO. It is kept in a pool of a host.
            </EmptyList>
          }
        />
      </div>
      {search.add && <AddImageDialog images={stock.images} onClose={() => show(false)} />}
    </div>
  );
}
