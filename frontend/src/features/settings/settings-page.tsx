/** SettingsPage is not there yet. */
export function SettingsPage() {
  return <main aria-label="Settings">Settings</main>;
}
