/** WallPage is not there yet. */
export function WallPage() {
  return <main aria-label="Console wall">Console wall</main>;
}
