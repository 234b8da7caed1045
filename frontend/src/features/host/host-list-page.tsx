/** HostListPage is not there yet. */
export function HostListPage() {
  return <main aria-label="Hosts">Hosts</main>;
}
