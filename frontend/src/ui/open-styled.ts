import type { Terminal } from "@xterm/xterm";

/**
 * openStyled opens a terminal in target so that it keeps to the page's
 * Content-Security-Policy. xterm.js 6 writes <style> elements, while it opens,
 * and style attributes for colours beyond its palette, which `style-src 'self'`
 * forbids; constructed style sheets and the CSS object model say the same and are
 * allowed. Returns what takes the sheets away again.
 */
export function openStyled(terminal: Terminal, target: HTMLElement): () => void {
  const sheets: CSSStyleSheet[] = [];
  const create = document.createElement.bind(document);
  const styled = (tag: string, options?: ElementCreationOptions): HTMLElement => (tag === "style" ? standIn(create("span"), sheets) : create(tag, options));
  document.createElement = styled as typeof document.createElement;
  try {
    terminal.open(target); // does not wait for anything: nobody else sees this createElement
  } finally {
    delete (document as { createElement?: unknown }).createElement; // the one of its prototype is back
  }
  const factory = (terminal as unknown as Inside)._core._renderService._renderer.value._rowFactory;
  factory._addStyle = (element, style) => void (element.style.cssText += `${style};`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...sheets];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => !sheets.includes(s));
  };
}

/** The part of xterm.js 6.0.0 that writes style attributes; console.spec.ts fails when a version renames it. */
interface Inside {
  _core: { _renderService: { _renderer: { value: { _rowFactory: { _addStyle: (element: HTMLElement, style: string) => void } } } } };
}

/** standIn takes the place of a <style> element: what is written into it goes to a sheet. */
function standIn(element: HTMLElement, sheets: CSSStyleSheet[]): HTMLElement {
  const sheet = new CSSStyleSheet();
  sheets.push(sheet);
  element.hidden = true;
  Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
  return element;
}
