import type { LineMark } from "@/ui/code-editor";

const TOKEN = /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<(\/?)([^\s/>"'<=]+)((?:[^>"'<]|"[^"]*"|'[^']*')*?)(\/?)>|</g;

/**
 * markOf finds the first line of a domain's XML that cannot be right: tags that
 * do not match, a stray "<", a DOCTYPE, another root than <domain>. The server
 * and libvirt check the rest.
 */
export function markOf(xml: string): LineMark | undefined {
  const open: { name: string; at: number }[] = [];
  const at = (index: number, message: string): LineMark => ({ line: lineOf(xml, index), message });
  let root: string | undefined;
  for (const m of xml.matchAll(TOKEN)) {
    const [all, close, name, , empty] = m;
    if (all.startsWith("<!--") || all.startsWith("<?") || all.startsWith("<![CDATA[")) {
      if (!/(?:-->|\?>|\]\]>)$/.test(all)) return at(m.index, "This is never closed");
      continue;
    }
    if (name === undefined) return at(m.index, "“<” begins nothing that is closed by “>”");
    if (name.startsWith("!")) return at(m.index, "A document type is not allowed");
    if (close) {
      const last = open.pop();
      if (last?.name !== name) return at(m.index, last ? `</${name}> closes <${last.name}> of line ${lineOf(xml, last.at)}` : `</${name}> closes nothing`);
      continue;
    }
    if (open.length === 0) {
      if (root !== undefined) return at(m.index, `<${name}> stands beside <${root}>`);
      if (name !== "domain") return at(m.index, `A VM's XML begins with <domain>, not <${name}>`);
      root = name;
    }
    if (!empty) open.push({ name, at: m.index });
  }
  const last = open.at(-1);
  if (last) return at(last.at, `<${last.name}> is never closed`);
  return root === undefined ? { line: 1, message: "There is no <domain>" } : undefined;
}

function lineOf(text: string, index: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < index; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
