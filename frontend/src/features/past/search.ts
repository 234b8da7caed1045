/** What the page shows. */
export type View = "changes" | "at" | "between";

/** What the address of the page says. */
export interface PastSearch {
  view?: View;
  /** Times, as lib/moment.ts has them. */
  at?: string;
  from?: string;
  to?: string;
  /** Number of the change that is shown in full. */
  change?: number;
  /** The dialog about how much is kept is open. */
  kept?: boolean;
}

/** A part of the page gets what the address says, and changes it. */
export interface PartProps {
  search: PastSearch;
  show: (next: PastSearch) => void;
}
