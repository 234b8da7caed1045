/** EventPage is not there yet. */
export function EventPage() {
  return <main aria-label="Events">Events</main>;
}
