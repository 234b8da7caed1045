import { CopyButton } from "./copy-button";
import { cx } from "./cx";

/** Text to be read exactly: a command, a log, XML. Plain, mono, with copy. Scrolls by itself. */
export function CodeBlock({ text, label, prompt = false, wrap = false, maxHeight = "max-h-80" }: {
  text: string;
  /** What it is, for screen readers and the copy button: "command line". */
  label: string;
  /** A command line: "$" before it, which is not copied. */
  prompt?: boolean;
  wrap?: boolean;
  maxHeight?: string;
}) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <pre
        tabIndex={0}
        aria-label={label}
        className={cx("overflow-auto py-1.5 pr-10 pl-3 font-mono text-table", wrap && "break-all whitespace-pre-wrap", maxHeight)}
      >
        {prompt && <span aria-hidden className="text-fg-muted select-none">$ </span>}
        {text}
      </pre>
      <span className="absolute top-0.5 right-0.5 rounded-md bg-sunken">
        <CopyButton text={text} label={`Copy ${label}`} />
      </span>
    </div>
  );
}

/** A word of code in a sentence. */
export function Code({ children }: { children: string }) {
  return <code className="rounded-sm bg-sunken px-1 font-mono text-[0.92em] [overflow-wrap:anywhere]">{children}</code>;
}
