import { Link } from "@tanstack/react-router";

/** NotFound is shown for an address that names no page. */
export function NotFound() {
  return (
    <main className="p-6">
      <h1>There is no such page</h1>
      <Link to="/">Go to the dashboard</Link>
    </main>
  );
}
