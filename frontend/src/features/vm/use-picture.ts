import { useEffect, useState, type RefObject } from "react";

/** useBlobUrl is an address under which an image can show PNG bytes; undefined while there are none. */
export function useBlobUrl(png: Uint8Array | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!png?.length) return setUrl(undefined);
    const next = URL.createObjectURL(new Blob([new Uint8Array(png)], { type: "image/png" }));
    setUrl(next);
    return () => URL.revokeObjectURL(next);
  }, [png]);
  return url;
}

/** useOnScreen tells whether an element is scrolled into view in a page that is shown. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  const [shown, setShown] = useState(() => document.visibilityState !== "hidden");
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watch = new IntersectionObserver(([e]) => setSeen(e?.isIntersecting ?? false));
    const turn = () => setShown(document.visibilityState !== "hidden");
    watch.observe(element);
    document.addEventListener("visibilitychange", turn);
    return () => {
      watch.disconnect();
      document.removeEventListener("visibilitychange", turn);
    };
  }, [ref]);
  return seen && shown;
}
