import { Section } from "@/ui/property-list";

const surfaces = ["bg-canvas", "bg-sunken", "bg-panel", "bg-raised", "bg-overlay"];
const inks = ["text-fg", "text-fg-secondary", "text-fg-muted", "text-accent-fg", "text-running", "text-paused", "text-stopped", "text-transient", "text-warning", "text-failed", "text-unknown"];
const scale: [string, string][] = [
  ["text-caption", "caption 11/16"],
  ["text-table", "table 12/16"],
  ["text-body", "body 13/20"],
  ["text-title", "title 14/20"],
  ["text-heading", "heading 16/24"],
  ["text-figure", "figure 20/28"],
];
const fills = ["bg-accent", "bg-accent-soft", "bg-danger", "bg-running-soft", "bg-transient-soft", "bg-warning-soft", "bg-failed-soft"];
const charts = ["bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5", "bg-chart-6"];

/** Colours on every surface, type, space. */
export function KitTokens() {
  return (
    <div className="grid gap-3 p-3 xl:grid-cols-2">
      <Section title="Text on surfaces">
        <div className="grid grid-cols-5 overflow-hidden rounded-md border border-line-strong">
          {surfaces.map((s) => (
            <div key={s} className={`${s} p-2`}>
              <p className="mb-1 text-caption text-fg-muted">{s.slice(3)}</p>
              {inks.map((t) => (
                <p key={t} className={`${t} text-table`}>{t.slice(5)}</p>
              ))}
            </div>
          ))}
        </div>
      </Section>
      <Section title="Type">
        {scale.map(([c, name]) => (
          <p key={c} className={c}>
            {name}: web1 runs on kvm1, 10.0.0.17, 0123456789
          </p>
        ))}
        <p className="mt-1 font-mono text-table">mono 12/16: &lt;domain type=&quot;kvm&quot;&gt; 0O 1lI {"{}"} 52:54:00:a1:b2:c3</p>
        <p className="mt-1 text-table text-fg-secondary">Кириллица, Žluťoučký kůň, Straße, naïve, İstanbul</p>
      </Section>
      <Section title="Fills">
        <div className="flex flex-wrap gap-2">
          {[...fills, ...charts].map((f) => (
            <span key={f} className="flex items-center gap-1.5 text-caption text-fg-muted">
              <span className={`${f} size-6 rounded-md border border-line`} />
              {f.slice(3)}
            </span>
          ))}
        </div>
      </Section>
      <Section title="Lines and space">
        <div className="flex items-end gap-3 text-caption text-fg-muted">
          <span className="border-b border-line pb-1">line</span>
          <span className="border-b border-line-strong pb-1">line-strong</span>
          <span className="border-b border-accent-line pb-1">accent-line</span>
          {[1, 2, 3, 4, 6, 8].map((n) => (
            <span key={n} className="flex flex-col items-center gap-1">
              <span className="block bg-accent-line" style={{ width: n * 4, height: n * 4 }} />
              {n * 4}
            </span>
          ))}
        </div>
      </Section>
    </div>
  );
}
