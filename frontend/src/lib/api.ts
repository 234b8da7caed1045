import type { Interceptor, Transport } from "@connectrpc/connect";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import type { DescService } from "@bufbuild/protobuf";

import type { Endpoint } from "./endpoint";

let current: { endpoint: Endpoint; transport: Transport } | undefined;

/** openApi is called once, before the first render. */
export function openApi(endpoint: Endpoint): Transport {
  const authorize: Interceptor = (next) => (req) => {
    req.header.set("Authorization", `Bearer ${endpoint.token}`);
    return next(req);
  };
  const transport = createConnectTransport({ baseUrl: endpoint.url, useBinaryFormat: true, interceptors: [authorize] });
  current = { endpoint, transport };
  return transport;
}

function opened() {
  if (!current) throw new Error("the API is not open yet");
  return current;
}

/** client returns a client of a service, for calls outside of queries. */
export function client<S extends DescService>(service: S) {
  return createClient(service, opened().transport);
}

/** apiTransport returns the transport that queries use. */
export function apiTransport(): Transport {
  return opened().transport;
}

/** Opened is a permission to connect to a console or terminal once, within ten seconds. */
export interface Opened {
  url: string;
  protocols: string[];
  /** VNC password; "" when none is asked for. */
  password: string;
}

/** consoleSocket says how a console's WebSocket is opened with a ticket. */
export function consoleSocket(ticket: string): { url: string; protocols: string[] } {
  const { url, token } = opened().endpoint;
  return {
    url: `${url.replace(/^http/, "ws")}/console?ticket=${encodeURIComponent(ticket)}`,
    protocols: ["limiquantix.console", `limiquantix.token.${token}`],
  };
}
