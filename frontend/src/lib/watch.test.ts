import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { createQueryOptions } from "@connectrpc/connect-query";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { EventService } from "@/gen/limiquantix/v1/event_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
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

test("an ended server is asked less and less often, at once when that is wanted, and others wait for that one probe", async () => {
  let asked = 0;
  let there = true;
  const { watcher, end } = watching(async function* () {
    asked++;
    await Promise.resolve();
    if (!there) throw new ConnectError("ended", Code.Unavailable);
    yield { object: "hello" };
    await new Promise((done) => setTimeout(done, 1000));
  });
  await vi.advanceTimersByTimeAsync(500);
  there = false;
  await vi.advanceTimersByTimeAsync(1000);
  const rates: number[] = [];
  for (let i = 0; i < 4; i++) {
    const before = asked;
    await vi.advanceTimersByTimeAsync(60_000);
    rates.push(asked - before);
  }
  expect(rates[0]).toBeLessThan(9);
  expect(rates.slice(1)).toEqual([2, 2, 2]);
  let back = false;
  void watcher.back().then(() => (back = true));
  there = true;
  await vi.advanceTimersByTimeAsync(0);
  expect([watcher.state(), back]).toEqual(["lost", false]);
  watcher.tryNow();
  await vi.advanceTimersByTimeAsync(1);
  expect([watcher.state(), back]).toEqual(["live", true]);
  end();
});

test("the list of VMs is read again when a host is lost and when it is back, not at each try in between", async () => {
  let lists = 0;
  let tell: (change: string) => void = () => undefined;
  const transport = createRouterTransport(({ service }) => {
    service(EventService, {
      watch: async function* () {
        const said: string[] = [];
        let wake: () => void = () => undefined;
        tell = (change) => {
          said.push(change);
          wake();
        };
        for (;;) {
          for (let change = said.shift(); change; change = said.shift()) yield { object: "host", host: "kvm1", id: "kvm1", change };
          await new Promise<void>((done) => (wake = done));
        }
      },
    });
    service(VMService, {
      listVMs: () => {
        lists++;
        return {};
      },
    });
  });
  const queries = new QueryClient();
  const stop = new QueryObserver(queries, createQueryOptions(VMService.method.listVMs, { offline: true }, { transport })).subscribe(() => undefined);
  const end = new AbortController();
  void new Watcher(transport, queries).run(end.signal);
  await vi.advanceTimersByTimeAsync(500);
  const seen: number[] = [];
  for (const change of ["live", "stale", "connecting", "stale", "live"]) {
    const before = lists;
    tell(change);
    await vi.advanceTimersByTimeAsync(500);
    seen.push(lists - before);
  }
  expect(seen.slice(1)).toEqual([1, 0, 0, 1]); // the first comes with the stream, of which all is read
  stop();
  end.abort();
});
