import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { LogEntry } from "@/api/schema";
import { classes } from "@/look/classes";
import { exactTime } from "@/look/format";
import { clockTime } from "./EventList";
import styles from "./EventsTab.module.css";

const LINE_HEIGHT = 20;
/** So near to its end, a reader is at its end. */
const AT_END_PX = 24;

interface Props {
  lines: readonly LogEntry[];
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

export function LogLines({ lines, follow, onFollow }: Props) {
  const box = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 30,
    initialRect: { width: 0, height: 600 },
  });

  useEffect(() => {
    if (follow) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follow, lines.length, virtualizer]);

  return (
    <section
      ref={box}
      className={styles.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
      tabIndex={0}
      aria-label="Lines of the log"
      onWheel={({ deltaY }) => deltaY < 0 && follow && onFollow(false)}
      onKeyDown={({ key }) => key in UPWARDS && follow && onFollow(false)}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        if (!follow && scrollHeight - scrollTop - clientHeight < AT_END_PX) onFollow(true);
      }}
    >
      <ol className={styles.lines} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return (
            line && (
              <li
                key={key}
                data-index={index}
                ref={virtualizer.measureElement}
                className={classes(styles.line, styles[line.level])}
                style={{ transform: `translateY(${start}px)` }}
              >
                <time
                  className={styles.lineTime}
                  dateTime={line.at}
                  title={`${exactTime(line.at)}, ${line.stream}, attempt ${line.attempt}`}
                >
                  {clockTime(line.at)}
                </time>
                <span className={styles.lineText}>
                  {LOUD.has(line.level) && <b>{line.level} </b>}
                  {line.text}
                </span>
              </li>
            )
          );
        })}
      </ol>
    </section>
  );
}

const LOUD = new Set(["warning", "error"]);
const UPWARDS: Record<string, true> = { ArrowUp: true, PageUp: true, Home: true };
