/** ImagePage is not there yet. */
export function ImagePage() {
  return <main aria-label="Images">Images</main>;
}
