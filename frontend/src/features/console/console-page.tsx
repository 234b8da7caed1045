/** ConsolePage is not there yet. */
export function ConsolePage() {
  return <main aria-label="Console">Console</main>;
}
