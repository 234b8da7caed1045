/** VMListPage is not there yet. */
export function VMListPage() {
  return <div aria-label="VMs">VMs</div>;
}
