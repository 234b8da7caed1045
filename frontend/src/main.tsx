import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { loadPages, newRouter } from "@/app/routes";
import { openApi } from "@/lib/api";
import { findEndpoint, followToken } from "@/lib/endpoint";
import { wakeTask } from "@/lib/operate";
import { notify } from "@/lib/notify";
import { openStats } from "@/lib/stats";
import { Watcher, openWatcher } from "@/lib/watch";
import { followTheme } from "@/ui/theme";
import { TooltipProvider } from "@/ui/tooltip";
import "@/ui/theme.css";

async function main() {
  followToken();
  const transport = openApi(await findEndpoint());
  // The Watch stream says when to read again; nothing is polled.
  const queries = new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, gcTime: 10 * 60_000, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false } },
  });
  const watcher = new Watcher(transport, queries);
  openWatcher(watcher);
  openStats(transport, () => watcher.back());
  window.addEventListener("online", watcher.tryNow);
  watcher.onEvent((e) => e.object === "task" && wakeTask(e.id));

  followTheme();
  const router = newRouter();
  watchUnlessConsole(watcher, router.history);
  followWindow((route) => void router.history.push(route));
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no root");
  createRoot(root).render(
    <StrictMode>
      <TransportProvider transport={transport}>
        <QueryClientProvider client={queries}>
          <TooltipProvider>
            <RouterProvider router={router} />
          </TooltipProvider>
        </QueryClientProvider>
      </TransportProvider>
    </StrictMode>,
  );
}

/** When what is not on the screen is loaded: the first page comes first. */
const LATER_MS = 4000;

/**
 * watchUnlessConsole follows the Watch stream, but not for a console window: a
 * browser allows six connections for one address, and a stream keeps one for
 * ever. When such a page goes elsewhere, it begins.
 */
function watchUnlessConsole(watcher: Watcher, history: ReturnType<typeof newRouter>["history"]) {
  let running = false;
  const look = () => {
    if (running || history.location.pathname.startsWith("/console/")) return;
    running = true;
    setTimeout(() => void loadPages(), LATER_MS);
    void watcher.run(new AbortController().signal);
  };
  history.subscribe(look);
  look();
}

interface WailsRuntime {
  EventsOn?: (name: string, f: (value: unknown) => void) => void;
}

/** followWindow goes where a deep link that reached the running window points, and tells of one that leads nowhere. */
function followWindow(go: (route: string) => void) {
  const runtime = (window as { runtime?: WailsRuntime }).runtime;
  runtime?.EventsOn?.("navigate", (route) => typeof route === "string" && route.startsWith("/") && go(route));
  runtime?.EventsOn?.("note", (text) => typeof text === "string" && notify({ kind: "warning", title: text }));
}

void main();
