/** CreatePage is not there yet. */
export function CreatePage() {
  return <main aria-label="Create a VM">Create a VM</main>;
}
