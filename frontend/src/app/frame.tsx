import { Outlet } from "@tanstack/react-router";

/** Frame is everything around the page. */
export function Frame() {
  return <Outlet />;
}
