import { problemOf } from "@/lib/error";
import { bytes, plural } from "@/lib/format";
import type { Stock } from "@/lib/stock";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { MeterBar } from "@/ui/progress";
import { ChoiceList, ChoiceRow } from "./choice-row";
import type { Around } from "./complete";
import type { Place } from "./place";
import { placesOf, poolsOf } from "./place";
import type { StepProps } from "./step";

/** StepPlace chooses host and pool, and says of each why not. */
export function StepPlace({ draft, set, wrong, around, image, stock }: StepProps & { stock: Stock }) {
  if (stock.isPending) return <Skeleton className="h-40 w-full" />;
  if (stock.error) return <ErrorState error={problemOf(stock.error)} onRetry={stock.refetch} retrying={stock.isFetching} />;
  const places = placesOf(draft, image, around.hosts, around.pools, around.used);
  const pools = poolsOf(draft, image, around.pools);
  const chosenWrong = wrong("host");
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="Host" className="flex flex-col gap-2">
        <h2 className="font-semibold">Host</h2>
        {chosenWrong && <p role="alert" className="text-table text-failed">{chosenWrong}</p>}
        <ChoiceList label="Host" name="host">
          {places.map((p, i) => (
            <ChoiceRow
              key={p.host.id}
              first={i === 0}
              chosen={p.host.name === draft.host}
              not={p.not}
              title={p.host.name}
              note={note(p)}
              facts={[`${p.host.running} / ${plural(p.host.vms, "VM")}`, <Memory key="m" place={p} around={around} />]}
              onChoose={() => set({ host: p.host.name, pool: "", nics: draft.nics.map((n) => ({ ...n, network: keepNetwork(n.network, p.host.name, around) })) })}
            />
          ))}
        </ChoiceList>
      </section>
      {draft.host && (
        <section aria-label="Pool" className="flex flex-col gap-2">
          <h2 className="font-semibold">Pool for disk and seed</h2>
          {wrong("pool") && <p role="alert" className="text-table text-failed">{wrong("pool")}</p>}
          <ChoiceList label="Pool" name="pool">
            {pools.map(({ pool: p, not, but }, i) => (
              <ChoiceRow
                key={p.name}
                first={i === 0}
                chosen={p.name === draft.pool}
                not={not}
                title={p.name}
                note={but ? <span className="text-warning">{but}</span> : p.path}
                facts={[`${bytes(p.availableBytes)} free`, <MeterBar key="m" compact used={Number(p.allocationBytes)} total={Number(p.capacityBytes)} label={`Pool ${p.name}`} />]}
                onChoose={() => set({ host: draft.host, pool: p.name })}
              />
            ))}
          </ChoiceList>
        </section>
      )}
    </div>
  );
}

function note(p: Place) {
  const f = p.host.facts;
  const facts = f ? [`${f.cpus} CPUs`, bytes(f.memoryBytes), p.host.cluster && `cluster ${p.host.cluster}`].filter(Boolean).join(" · ") : "";
  return p.but.length > 0 ? <span className="text-warning">{p.but.join(" · ")}</span> : facts;
}

function Memory({ place, around }: { place: Place; around: Around }) {
  const used = around.used(place.host.name);
  const total = place.host.facts?.memoryBytes ?? 0n;
  if (used === undefined || total <= 0n) return null;
  return <MeterBar compact used={Number(used)} total={Number(total)} label={`Memory of ${place.host.name}`} />;
}

/** A network of the same name on the other host stays; another is chosen anew. */
function keepNetwork(name: string, host: string, around: Around): string {
  return around.networks.some((n) => n.host === host && n.name === name && n.active) ? name : "";
}
