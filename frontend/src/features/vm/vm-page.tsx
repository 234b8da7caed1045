/** VMPage is not there yet. */
export function VMPage() {
  return <main aria-label="VM">VM</main>;
}
