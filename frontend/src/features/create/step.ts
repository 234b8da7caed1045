import type { Around } from "./complete";
import type { Draft, ImageGroup } from "./draft";
import type { StepId } from "./rules";

/** StepProps is what every step of the wizard is given. */
export interface StepProps {
  /** With defaults filled in. */
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  /** What is wrong with a field, once that is to be said. */
  wrong: (field: string) => string | undefined;
  around: Around;
  image: ImageGroup | undefined;
  go: (step: StepId) => void;
}
