/** HostPage is not there yet. */
export function HostPage() {
  return <main aria-label="Host">Host</main>;
}
