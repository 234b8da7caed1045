/** VMListPage is not there yet. */
export function VMListPage() {
  return <main aria-label="VMs">VMs</main>;
}
