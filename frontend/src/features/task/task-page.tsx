/** TaskPage is not there yet. */
export function TaskPage() {
  return <main aria-label="Tasks">Tasks</main>;
}
