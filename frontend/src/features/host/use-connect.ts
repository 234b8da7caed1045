import { useCallback, useEffect, useRef, useState } from "react";

import { problemOf } from "@/lib/error";
import type { Obstacle } from "./connect";
import { obstacleOf } from "./connect";

/** Trust is what the user gave besides the address; it is kept in this dialog alone. */
export interface Trust {
  /** Fingerprint that was accepted. */
  hostKey: string;
  /** Password or passphrase. */
  secret: string;
}

/** Attempt is where connecting to a host stands. */
export type Attempt<T> = { kind: "idle" } | { kind: "busy" } | { kind: "stopped"; obstacle: Obstacle } | { kind: "done"; result: T };

const NOTHING: Trust = { hostKey: "", secret: "" };

/** useConnect runs attempts to connect, one at a time, and remembers what was accepted between them. */
export function useConnect<T>() {
  const [attempt, setAttempt] = useState<Attempt<T>>({ kind: "idle" });
  const trust = useRef(NOTHING);
  const running = useRef<AbortController>(undefined);

  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = undefined;
    setAttempt({ kind: "idle" });
  }, []);
  useEffect(() => () => running.current?.abort(), []);

  /** run makes an attempt and returns what it gave; undefined when it was stopped. */
  const run = useCallback(async (send: (trust: Trust, signal: AbortSignal) => Promise<T>, more: Partial<Trust> = {}): Promise<T | undefined> => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    trust.current = { ...trust.current, ...more };
    setAttempt({ kind: "busy" });
    try {
      const result = await send(trust.current, mine.signal);
      if (running.current !== mine) return undefined;
      setAttempt({ kind: "done", result });
      return result;
    } catch (e) {
      if (running.current === mine) setAttempt({ kind: "stopped", obstacle: obstacleOf(problemOf(e), trust.current.secret !== "") });
      return undefined;
    }
  }, []);

  /** forget drops what was accepted: for another address. */
  const forget = useCallback(() => {
    trust.current = NOTHING;
    cancel();
  }, [cancel]);

  return { attempt, run, cancel, forget };
}
