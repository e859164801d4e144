import { useCallback, useEffect, useRef, useState } from "react";
import type { Range } from "./lines";
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

  // The caller has the last word, once it says something else than before.
  if (range !== given) {
    setGiven(range);
    setView(range ?? null);
  }

  useEffect(() => {
    report.current = onRange;
  });

  useEffect(() => (sync === undefined ? undefined : join(sync, setView)), [sync]);

  useEffect(() => () => clearTimeout(timer.current), []);

  const move = useCallback(
    (next: Range | null) => {
      setView(next);
      if (sync !== undefined) tellOthers(sync, setView, next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => report.current?.(next), AT_REST_MS);
    },
    [sync],
  );

  return { view, move };
}
