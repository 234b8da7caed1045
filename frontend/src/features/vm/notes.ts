/** Span is a piece of a line. A link is http or https, and opens outside: the text comes from a host. */
export interface Span {
  kind: "text" | "strong" | "code" | "link";
  text: string;
}

/** Block is a part of notes. */
export type Block =
  | { kind: "heading"; level: number; spans: Span[] }
  | { kind: "paragraph"; lines: Span[][] }
  | { kind: "list"; ordered: boolean; items: Span[][] }
  | { kind: "code"; text: string };

const HEADING = /^(#{1,3})\s+(.+)$/;
const ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;

/** parseNotes reads the little of Markdown that people write in a description anyway; the rest stays as it is. */
export function parseNotes(text: string): Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? "";
    const heading = HEADING.exec(line);
    if (line.trim() === "") i++;
    else if (line.startsWith("```")) i = readCode(lines, i, blocks);
    else if (heading) {
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, spans: parseSpans(heading[2] ?? "") });
      i++;
    } else if (ITEM.test(line)) i = readList(lines, i, blocks);
    else i = readParagraph(lines, i, blocks);
  }
  return blocks;
}

function readCode(lines: string[], from: number, blocks: Block[]): number {
  let to = from + 1;
  while (to < lines.length && !lines[to]?.startsWith("```")) to++;
  blocks.push({ kind: "code", text: lines.slice(from + 1, to).join("\n") });
  return to + 1;
}

function readList(lines: string[], from: number, blocks: Block[]): number {
  const ordered = ITEM.exec(lines[from] ?? "")?.[1] !== undefined;
  const items: Span[][] = [];
  let to = from;
  for (; to < lines.length; to++) {
    const m = ITEM.exec(lines[to] ?? "");
    if (!m || (m[1] !== undefined) !== ordered) break;
    items.push(parseSpans(m[2] ?? ""));
  }
  blocks.push({ kind: "list", ordered, items });
  return to;
}

function readParagraph(lines: string[], from: number, blocks: Block[]): number {
  let to = from;
  while (to < lines.length && isPlain(lines[to] ?? "")) to++;
  blocks.push({ kind: "paragraph", lines: lines.slice(from, to).map(parseSpans) });
  return to;
}

function isPlain(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("```") && !HEADING.test(line) && !ITEM.test(line);
}

const SPAN = /`([^`]+)`|\*\*([^*]+)\*\*|(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}])/g;

function parseSpans(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const m of text.matchAll(SPAN)) {
    if (m.index > at) spans.push({ kind: "text", text: text.slice(at, m.index) });
    if (m[1] !== undefined) spans.push({ kind: "code", text: m[1] });
    else if (m[2] !== undefined) spans.push({ kind: "strong", text: m[2] });
    else spans.push({ kind: "link", text: m[0] });
    at = m.index + m[0].length;
  }
  if (at < text.length) spans.push({ kind: "text", text: text.slice(at) });
  return spans;
}

/** excerpt is the beginning of notes as one plain line. */
export function excerpt(text: string, length = 160): string {
  const plain = text.replace(/```/g, " ").replace(/^[#\s*•-]+/gm, "").replace(/\s+/g, " ").trim();
  const chars = Array.from(plain);
  return chars.length > length ? `${chars.slice(0, length - 1).join("").trimEnd()}…` : plain;
}
