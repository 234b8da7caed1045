/** NetworkPage is not there yet. */
export function NetworkPage() {
  return <main aria-label="Networks">Networks</main>;
}
