/**
 * styledDocument returns a document for xterm.js whose elements keep to the
 * page's Content-Security-Policy. xterm writes <style> elements and style
 * attributes, which `style-src 'self'` forbids; constructed style sheets and
 * the CSS object model say the same and are allowed. `dispose` takes the sheets
 * away again.
 */
export function styledDocument(real: Document): { document: Document; dispose: () => void } {
  const sheets = new Set<CSSStyleSheet>();
  const create = (tag: string): HTMLElement => {
    const element = real.createElement(tag);
    if (tag === "style") adopt(real, element, sheets);
    else element.setAttribute = setAttribute;
    return element;
  };
  const document = new Proxy(real, {
    get(target, property) {
      if (property === "createElement") return create;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const dispose = () => {
    real.adoptedStyleSheets = real.adoptedStyleSheets.filter((s) => !sheets.has(s));
  };
  return { document, dispose };
}

/** adopt gives a <style> element, which stays empty, a sheet that holds its text. */
function adopt(real: Document, element: HTMLElement, sheets: Set<CSSStyleSheet>) {
  const sheet = new CSSStyleSheet();
  sheets.add(sheet);
  real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet];
  Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
}

function setAttribute(this: HTMLElement, name: string, value: string) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}
