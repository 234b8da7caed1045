/** How many frames a page may take to come: pages are loaded when they are first looked at. */
const FRAMES = 90;

/**
 * focusPage brings the keyboard to the page that was just gone to by a key or a
 * command: to what `first` names, or else the first row of its table, or else the
 * page itself. Where the address stays the same, or a dialog opens, nothing moves.
 */
export function focusPage(before: string, first = '[role="grid"] [role="row"][tabindex="0"]'): void {
  let left = FRAMES;
  const look = () => {
    const main = document.getElementById("main");
    if (left-- <= 0) {
      if (location.hash !== before && !busy()) main?.focus();
      return;
    }
    const target = location.hash === before ? null : main?.querySelector<HTMLElement>(first);
    if (!target) return void requestAnimationFrame(look);
    if (!busy()) target.focus();
  };
  // What closes at this moment gives the keyboard back first.
  requestAnimationFrame(() => requestAnimationFrame(look));
}

/** busy tells whether the keyboard is elsewhere by now: in a dialog, or in a field that the page chose itself. */
function busy(): boolean {
  return document.querySelector('[role="dialog"]') !== null || document.activeElement instanceof HTMLInputElement;
}
