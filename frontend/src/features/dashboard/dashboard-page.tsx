/** DashboardPage is not there yet. */
export function DashboardPage() {
  return <main aria-label="Dashboard">Dashboard</main>;
}
