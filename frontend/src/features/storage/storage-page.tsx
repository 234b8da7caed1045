/** StoragePage is not there yet. */
export function StoragePage() {
  return <main aria-label="Storage">Storage</main>;
}
