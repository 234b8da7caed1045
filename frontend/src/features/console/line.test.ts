import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Problem } from "@/lib/error";
import { Line } from "./line";
import type { Opened } from "@/lib/api";

const fault = (code: string): Problem => ({ code, message: code, hint: "", detail: {} });

/** A line whose tickets come at once, or are refused with a code. */
function lineOf(answers: (string | undefined)[]) {
  let asked = 0;
  const line = new Line(
    () => {
      const code = answers[asked++];
      const opened: Opened = { url: `ws://x/${asked}`, protocols: [], password: "" };
      return code ? Promise.reject(new Error(code)) : Promise.resolve(opened);
    },
    (e) => fault((e as Error).message),
  );
  return { line, asked: () => asked };
}

/** The permission that the line holds out to its view. */
function opened(line: Line): Opened {
  const p = line.phase();
  if (p.name !== "connecting" && p.name !== "live") throw new Error(`the line is ${p.name}`);
  return p.opened;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a console is opened and live", async () => {
  const { line } = lineOf([]);
  line.start();
  expect(line.phase().name).toBe("opening");
  await settle();
  expect(line.phase().name).toBe("connecting");
  line.up();
  expect(line.phase().name).toBe("live");
});

test("a lost connection is opened again with a new ticket, later each time", async () => {
  const { line, asked } = lineOf([]);
  line.start();
  await settle();
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    line.up();
    line.down(opened(line));
    const p = line.phase();
    if (p.name !== "waiting") throw new Error(p.name);
    waits.push(p.until - Date.now());
    await vi.advanceTimersByTimeAsync(waits[i] ?? 0);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  expect(asked()).toBe(7);
});

test("what was live for a while counts its attempts anew", async () => {
  const { line } = lineOf(["unreachable", "unreachable"]);
  line.start();
  await vi.advanceTimersByTimeAsync(1500);
  line.up();
  await vi.advanceTimersByTimeAsync(6000);
  line.down(opened(line));
  const p = line.phase();
  expect(p.name === "waiting" && p.until - Date.now()).toBe(500);
});

test.each([
  ["unsupported", "failed"],
  ["denied", "failed"],
  ["not_found", "failed"],
  ["conflict", "waiting"],
  ["unreachable", "waiting"],
  ["lost", "waiting"],
])("a ticket refused with %s: %s", async (code, want) => {
  const { line } = lineOf([code]);
  line.start();
  await settle();
  expect(line.phase().name).toBe(want);
});

test("a VM that stops is off, and opened when it starts", async () => {
  const { line, asked } = lineOf([]);
  line.start();
  await settle();
  line.up();
  line.guest({ up: false });
  expect(line.phase().name).toBe("off");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
  line.guest({ up: true });
  await settle();
  expect(line.phase().name).toBe("connecting");
});

test("a host that goes away ends no console that still works", async () => {
  const { line } = lineOf([]);
  line.start();
  await settle();
  line.up();
  line.guest({ up: true, away: "Host kvm1 is not reachable" });
  expect(line.phase().name).toBe("live");
  line.down(opened(line));
  expect(line.phase()).toEqual({ name: "away", why: "Host kvm1 is not reachable" });
  line.guest({ up: true });
  await settle();
  expect(line.phase().name).toBe("connecting");
});

test("what the view refused stays refused until somebody asks again", async () => {
  const { line, asked } = lineOf([]);
  line.start();
  await settle();
  line.down(opened(line), fault("hostile"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(line.phase().name).toBe("failed");
  expect(asked()).toBe(1);
  line.retry();
  await settle();
  expect(line.phase().name).toBe("connecting");
});

test("a view that never gets through is given up and tried again", async () => {
  const { line, asked } = lineOf([]);
  line.start();
  await settle();
  await vi.advanceTimersByTimeAsync(20_500);
  expect(asked()).toBe(2);
});

test("the end of an earlier connection is not the end of this one", async () => {
  const { line } = lineOf([]);
  line.start();
  await settle();
  const first = opened(line);
  line.retry();
  await settle();
  line.up();
  line.down(first);
  expect(line.phase().name).toBe("live");
});

test("after stop nothing happens", async () => {
  const { line, asked } = lineOf(["unreachable"]);
  line.start();
  await settle();
  line.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
});
