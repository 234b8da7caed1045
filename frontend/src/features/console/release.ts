/** KeyEvent is what counts of a KeyboardEvent. */
export interface KeyEvent {
  type: string;
  code: string;
}

const CTRL = new Set(["ControlLeft", "ControlRight"]);
/** Not AltRight: AltGr of European keyboards comes as Ctrl+AltRight on Windows. */
const ALT = new Set(["AltLeft"]);

/**
 * ReleaseChord recognises Ctrl+Alt pressed and let go with no other key between:
 * it gives the keyboard back, as in virt-viewer. All single keys, Esc among
 * them, stay the guest's.
 */
export class ReleaseChord {
  private down = new Set<string>();
  private spoiled = false;

  /** take returns true when the chord is complete with this event. */
  take(e: KeyEvent): boolean {
    if (e.type === "keydown") {
      this.down.add(e.code);
      if (!CTRL.has(e.code) && !ALT.has(e.code)) this.spoiled = true;
      return false;
    }
    const both = this.has(CTRL) && this.has(ALT) && this.down.size === 2;
    const complete = both && !this.spoiled && (CTRL.has(e.code) || ALT.has(e.code));
    this.down.delete(e.code);
    if (complete) this.reset();
    else if (this.down.size === 0) this.spoiled = false;
    return complete;
  }

  /** reset is called when the keyboard goes elsewhere: ups are missed then. */
  reset() {
    this.down.clear();
    this.spoiled = false;
  }

  private has(keys: Set<string>): boolean {
    return [...this.down].some((k) => keys.has(k));
  }
}
