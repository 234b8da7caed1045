/** KitPage is not there yet. */
export function KitPage() {
  return <main aria-label="Kit">Kit</main>;
}
