import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Problem } from "@/lib/error";
import { Gallery } from "./gallery";

const fault = (e: unknown): Problem => ({ code: "internal", message: (e as Error).message, hint: "", detail: {} });

/** A gallery whose pictures take a second, with what it asked for and what it gave back. */
function galleryOf(fails: (key: string) => boolean = () => false) {
  const log = { asked: [] as string[], dropped: [] as string[], now: new Map<string, number>(), most: new Map<string, number>(), all: 0, mostOfAll: 0 };
  const gallery = new Gallery(
    (key, signal) => {
      const host = key.split("/")[0] ?? "";
      log.asked.push(key);
      const of = (log.now.get(host) ?? 0) + 1;
      log.now.set(host, of);
      log.most.set(host, Math.max(of, log.most.get(host) ?? 0));
      log.mostOfAll = Math.max(log.mostOfAll, ++log.all);
      return new Promise((done, failed) => {
        const end = (f: () => void) => () => {
          log.now.set(host, (log.now.get(host) ?? 0) - 1);
          log.all--;
          f();
        };
        const timer = setTimeout(end(() => (fails(key) ? failed(new Error("no screen")) : done({ url: `blob:${key}#${log.asked.length}`, width: 640, height: 480 }))), 1000);
        signal.addEventListener("abort", end(() => (clearTimeout(timer), failed(new Error("aborted")))));
      });
    },
    (url) => log.dropped.push(url),
    fault,
  );
  return { gallery, log };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("at most two at once of one host, and six in all", async () => {
  const { gallery, log } = galleryOf();
  for (let host = 1; host <= 5; host++) for (let vm = 0; vm < 10; vm++) gallery.see(`kvm${host}/${vm}`, `kvm${host}`);
  await pass(30_000);
  expect(log.mostOfAll).toBe(6);
  expect([...log.most.values()]).toEqual([2, 2, 2, 2, 2]);
  expect(new Set(log.asked).size).toBe(50);
});

test("a picture is renewed every few seconds, and the old one given back", async () => {
  const { gallery, log } = galleryOf();
  gallery.see("kvm1/a", "kvm1");
  await pass(1000);
  expect(gallery.shot("kvm1/a").picture?.url).toBe("blob:kvm1/a#1");
  await pass(9_000);
  expect(log.asked.length).toBe(3);
  expect(log.dropped).toEqual(["blob:kvm1/a#1"]);
});

test("what nobody sees is not asked for", async () => {
  const { gallery, log } = galleryOf();
  const away = gallery.see("kvm1/a", "kvm1");
  await pass(1000);
  away();
  await pass(60_000);
  expect(log.asked.length).toBe(1);
  expect(gallery.shot("kvm1/a").picture).toBeDefined();
});

test("nothing is asked while the page is hidden", async () => {
  const { gallery, log } = galleryOf();
  gallery.see("kvm1/a", "kvm1");
  gallery.pause(true);
  await pass(60_000);
  expect(log.asked.length).toBe(1);
  gallery.pause(false);
  await pass(0);
  expect(log.asked.length).toBe(2);
});

test("errors are told and asked for less and less; the old picture stays", async () => {
  let broken = false;
  const { gallery, log } = galleryOf(() => broken);
  gallery.see("kvm1/a", "kvm1");
  await pass(1000);
  broken = true;
  await pass(300_000);
  expect(gallery.shot("kvm1/a").problem?.message).toBe("no screen");
  expect(gallery.shot("kvm1/a").picture).toBeDefined();
  expect(log.asked.length).toBeLessThan(12);
});

test("leaving ends what is asked and gives every picture back", async () => {
  const { gallery, log } = galleryOf();
  gallery.see("kvm1/a", "kvm1");
  await pass(1000);
  gallery.see("kvm1/b", "kvm1");
  gallery.close();
  await pass(60_000);
  expect(log.asked).toEqual(["kvm1/a", "kvm1/b"]);
  expect(log.dropped).toEqual(["blob:kvm1/a#1"]);
  expect(log.all).toBe(0);
});

test("pictures of thousands do not pile up", async () => {
  const { gallery, log } = galleryOf();
  for (let i = 0; i < 600; i++) {
    const away = gallery.see(`kvm${i % 3}/${i}`, `kvm${i % 3}`);
    await pass(1000);
    away();
  }
  expect(log.asked.length - log.dropped.length).toBeLessThanOrEqual(301);
});
