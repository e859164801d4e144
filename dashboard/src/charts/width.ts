import { type RefObject, useLayoutEffect, useState } from "react";

/** How wide the element is, now and after every change. */
export function useWidth(element: RefObject<HTMLElement | null>, first = 640): number {
  const [width, setWidth] = useState(first);

  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    const measure = () => {
      if (box.clientWidth > 0) setWidth(box.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [element]);

  return width;
}
