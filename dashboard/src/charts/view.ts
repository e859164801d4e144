import { useCallback, useEffect, useRef, useState } from "react";
import type { Range } from "./lines";
import { sameRange } from "./range";
import { join, tellOthers } from "./together";

interface ViewWishes {
  range: Range | null | undefined;
  onRange: ((range: Range | null) => void) | undefined;
  sync: string | undefined;
}

const AT_REST_MS = 200;

/** The steps that a chart shows, its own or its caller's, moved together with charts in sync. */
export function useView({ range, onRange, sync }: ViewWishes) {
  const [view, setView] = useState<Range | null>(range ?? null);
  const [given, setGiven] = useState(range);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const report = useRef(onRange);
  const told = useRef(range ?? null);

  // The caller has the last word, once it says something else than before.
  if (!sameRange(range ?? null, given ?? null)) {
    setGiven(range);
    setView(range ?? null);
  }

  useEffect(() => {
    report.current = onRange;
    if (range !== undefined) told.current = range;
  });

  /** Another chart was moved, and will tell. */
  const follow = useCallback((next: Range | null) => {
    clearTimeout(timer.current);
    told.current = next;
    setView(next);
  }, []);

  useEffect(() => (sync === undefined ? undefined : join(sync, follow)), [sync, follow]);

  useEffect(() => () => clearTimeout(timer.current), []);

  const move = useCallback(
    (next: Range | null) => {
      setView(next);
      if (sync !== undefined) tellOthers(sync, follow, next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        // A finger that rests on a chart moves it nowhere.
        if (sameRange(next, told.current)) return;
        told.current = next;
        report.current?.(next);
      }, AT_REST_MS);
    },
    [sync, follow],
  );

  return { view, move };
}
