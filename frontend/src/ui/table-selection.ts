/** What is selected and where the keyboard stands, by row id. */
export interface Selection {
  selected: ReadonlySet<string>;
  /** The row that has the keyboard. */
  active: string | undefined;
  /** Where a range began: the row that was chosen last without shift. */
  anchor: string | undefined;
}

/** Nothing selected. */
export const noSelection: Selection = { selected: new Set(), active: undefined, anchor: undefined };

/** What the user did. `ids` of a range are those of the rows as they are shown. */
export type SelectAct =
  | { do: "move"; id: string }
  | { do: "toggle"; id: string }
  | { do: "range"; id: string; ids: readonly string[] }
  | { do: "all"; ids: readonly string[] }
  | { do: "only"; id: string }
  | { do: "clear" };

/** The selection after an act. */
export function select(s: Selection, act: SelectAct): Selection {
  switch (act.do) {
    case "move":
      return { ...s, active: act.id, anchor: act.id };
    case "toggle": {
      const selected = new Set(s.selected);
      if (!selected.delete(act.id)) selected.add(act.id);
      return { selected, active: act.id, anchor: act.id };
    }
    case "range": {
      const from = act.ids.indexOf(s.anchor ?? act.id);
      const to = act.ids.indexOf(act.id);
      if (from < 0 || to < 0) return { selected: new Set([act.id]), active: act.id, anchor: act.id };
      const range = act.ids.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { ...s, selected: new Set(range), active: act.id, anchor: s.anchor ?? act.id };
    }
    case "all":
      return { ...s, selected: new Set(act.ids) };
    case "only":
      return { selected: new Set([act.id]), active: act.id, anchor: act.id };
    case "clear":
      return { ...s, selected: new Set() };
  }
}
