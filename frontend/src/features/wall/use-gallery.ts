import { createContext, use, useEffect, useRef, useState, useSyncExternalStore, type RefObject } from "react";

import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { Gallery, type Picture, type Shot } from "./gallery";

/** GalleryContext carries the wall's gallery to its tiles. */
export const GalleryContext = createContext<Gallery | undefined>(undefined);

/** useNewGallery is a gallery that works while the component is shown and somebody can see the page. `pixels` is how wide pictures are asked for. */
export function useNewGallery(pixels: number): Gallery {
  const wide = useRef(pixels);
  const [gallery] = useState(() => new Gallery((key, signal) => take(key, wide.current, signal), URL.revokeObjectURL, problemOf));
  useEffect(() => {
    wide.current = pixels;
  }, [pixels]);
  useEffect(() => {
    const look = () => gallery.pause(document.visibilityState !== "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      gallery.close();
    };
  }, [gallery]);
  return gallery;
}

async function take(vm: string, maxWidth: number, signal: AbortSignal): Promise<Picture> {
  const { image, width, height } = await client(VMService).screenshotVM({ vm, maxWidth }, { signal });
  return { url: URL.createObjectURL(new Blob([image as Uint8Array<ArrayBuffer>], { type: "image/png" })), width, height };
}

/** useShot is a VM's picture, kept fresh while `live` and the element is on the screen. */
export function useShot(key: string, host: string, live: boolean, element: RefObject<Element | null>): Shot {
  const gallery = use(GalleryContext);
  const visible = useVisible(element);
  useEffect(() => (live && visible ? gallery?.see(key, host) : undefined), [gallery, key, host, live, visible]);
  const [store] = useState(() => ({ subscribe: (f: () => void) => gallery?.subscribe(key, f) ?? (() => undefined), shot: () => gallery?.shot(key) }));
  return useSyncExternalStore(store.subscribe, store.shot) ?? NONE;
}

const NONE: Shot = {};

function useVisible(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}
