import { useCallback, useEffect, useRef, useState } from "react";

/** How long typing rests until the caller hears of it. */
const PAUSE_MS = 120;

/**
 * useTyped keeps what is typed at once and tells onChange when typing pauses.
 * A value that comes from elsewhere (back, a link) takes its place.
 */
export function useTyped(value: string, onChange: (text: string) => void): [string, (text: string) => void] {
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
