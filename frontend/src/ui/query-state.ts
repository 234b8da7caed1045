import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";

import type { Completion } from "@/lib/query-text";
import { useCompletion, type Kind } from "@/lib/search";
import { step } from "./listbox";

/** How long typing rests until the caller hears of it. */
const PAUSE_MS = 120;

/**
 * useTyped keeps what is typed at once and tells onChange when typing pauses.
 * A value that comes from elsewhere (back, a link) takes its place.
 */
function useTyped(value: string, onChange: (text: string) => void): [string, (text: string) => void] {
  // `of` are the values that the caller may still have while it hears of ours.
  const [typed, setTyped] = useState<{ text: string; of: readonly string[] }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ours = typed !== undefined && typed.of.includes(value);
  const type = useCallback(
    (text: string) => {
      setTyped((t) => ({ text, of: t?.of.includes(value) ? t.of : [value] }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        setTyped((t) => t && { ...t, of: [value, text] });
        onChange(text);
      }, PAUSE_MS);
    },
    [value, onChange],
  );
  return [ours ? typed.text : value, type];
}

/** useQueryState is what a QueryBox knows: text, caret, what is wrong, what is offered. */
export function useQueryState({ kinds, value, onChange, input }: {
  kinds: Kind[];
  value: string;
  onChange: (query: string) => void;
  input: RefObject<HTMLInputElement | null>;
}) {
  const [text, type] = useTyped(value, onChange);
  /** undefined: nothing is offered, the box is left or was closed by Esc. */
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const { offers, problems, fresh } = useCompletion(text, caret, kinds);
  // A browser puts the caret at the end of a text that was set. Ours goes back before the next key is heard.
  const place = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (place.current !== undefined) input.current?.setSelectionRange(place.current, place.current);
    place.current = undefined;
  }, [text, input]);
  // What ends at the caret is still being typed.
  const told = problems.filter((p) => caret === undefined || (!p.unfinished && p.to !== caret));

  const take = (o: Completion | undefined) => {
    if (!o || !fresh) return; // what is shown may still be for the letter before
    const at = o.from + o.text.length;
    place.current = at;
    type(text.slice(0, o.from) + o.text + text.slice(o.to));
    setCaret(at);
    setChosen(-1);
  };
  const write = (next: string, at: number | null) => {
    type(next);
    setCaret(at ?? next.length);
    setChosen(-1);
  };
  const follow = () => document.activeElement === input.current && setCaret(input.current?.selectionStart ?? undefined);
  return { text, type, write, caret, follow, close: () => setCaret(undefined), chosen, choose: setChosen, offers, fresh, told, take, open: caret !== undefined && (offers.length > 0 || told.length > 0) };
}

/** What a QueryBox does with a key; false: it is not ours. */
export function queryKey(e: KeyboardEvent, s: ReturnType<typeof useQueryState>, toRows: () => void): boolean {
  const none = s.offers.map(() => ({}));
  const pick = s.offers[s.chosen];
  const only = s.offers.length === 1 && s.text.trim() !== "" ? s.offers[0] : undefined;
  switch (e.key) {
    case "ArrowDown":
      if (s.open && s.offers.length > 0) s.choose(step(none, s.chosen, 1));
      else toRows();
      return true;
    case "ArrowUp":
      if (s.chosen < 0) return false;
      s.choose(s.chosen - 1);
      return true;
    case "Tab":
      if (e.shiftKey || !s.open || !(pick ?? only)) return false;
      s.take(pick ?? only);
      return true;
    case "Enter":
      if (pick) s.take(pick);
      else s.close();
      return true;
    case "Escape":
      if (s.open) s.close();
      else if (s.text !== "") s.type("");
      else return false;
      return true;
  }
  return false;
}
