import { session, type Kept } from "./storage";

/** Where the API is, and what shows that this page may use it. */
export interface Endpoint {
  /** "http://127.0.0.1:4711", without a slash at its end. */
  url: string;
  token: string;
}

const KEY = "limiquantix.token";

interface Bridge {
  Endpoint?: () => Promise<Endpoint>;
}
type Bindings = Record<string, Record<string, Bridge | undefined> | undefined>;

/**
 * In the window, the one binding of app/desktop tells. In a browser the page
 * came from the API itself, and the token is in the address behind "#token=",
 * from where it is taken out of sight; a reload of the tab finds it again.
 */
export async function findEndpoint(): Promise<Endpoint> {
  const bound = fromWindow();
  if (bound) return bound();
  const token = takeToken(window.location, session);
  return { url: window.location.origin, token };
}

function fromWindow(): (() => Promise<Endpoint>) | undefined {
  const go = (window as { go?: Bindings }).go;
  for (const pkg of Object.values(go ?? {}))
    for (const bridge of Object.values(pkg ?? {})) if (bridge?.Endpoint) return bridge.Endpoint;
  return undefined;
}

/** takeToken returns the token of this tab, "" when there is none. */
export function takeToken(location: Pick<Location, "hash" | "pathname" | "search">, storage: Pick<Kept, "getItem" | "setItem">): string {
  const hash = new URLSearchParams(location.hash.replace(/^#\/?/, ""));
  const token = hash.get("token");
  if (!token) return storage.getItem(KEY) ?? "";
  storage.setItem(KEY, token);
  window.history.replaceState(null, "", location.pathname + location.search + "#/");
  return token;
}

/** followToken loads the page anew when its address is given a token while it is open: one that was pasted into this tab. */
export function followToken(): void {
  window.addEventListener("hashchange", () => {
    if (/^#\/?token=/.test(window.location.hash)) {
      takeToken(window.location, session);
      window.location.reload();
    }
  });
}

/** inWindow tells whether this page is in the desktop window. */
export function inWindow(): boolean {
  return fromWindow() !== undefined;
}
