import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { EventService } from "@/gen/limiquantix/v1/event_pb";
import { Watcher } from "./watch";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** watching runs a watcher on a server whose streams are made by watch. */
function watching(watch: () => AsyncIterable<{ object: string }>) {
  const transport = createRouterTransport(({ service }) => void service(EventService, { watch }));
  const watcher = new Watcher(transport, new QueryClient());
  const end = new AbortController();
  void watcher.run(end.signal);
  return { watcher, end: () => end.abort() };
}

test("a stream that falls silent is lost, and one that says hello is not", async () => {
  let talks = true;
  let streams = 0;
  const { watcher, end } = watching(async function* () {
    streams++;
    while (talks || streams > 1) {
      yield { object: "hello" };
      await new Promise((done) => setTimeout(done, 15_000));
    }
    await new Promise(() => undefined); // the server hangs
  });
  await vi.advanceTimersByTimeAsync(120_000);
  expect([watcher.state(), streams]).toEqual(["live", 1]);
  talks = false;
  await vi.advanceTimersByTimeAsync(39_000);
  const states: string[] = [];
  watcher.subscribe(() => states.push(watcher.state()));
  await vi.advanceTimersByTimeAsync(20_000);
  expect([states, streams]).toEqual([["lost", "live"], 2]);
  end();
});

test("a server that was started anew does not take the token", async () => {
  const { watcher, end } = watching(async function* () {
    await Promise.resolve();
    throw new ConnectError("the token is missing or wrong", Code.Unauthenticated);
  });
  await vi.advanceTimersByTimeAsync(1000);
  expect(watcher.state()).toBe("refused");
  end();
});
