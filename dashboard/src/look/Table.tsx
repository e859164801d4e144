import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes";
import styles from "./Table.module.css";
import { TableHead } from "./TableHead";
import { TableRow } from "./TableRow";
import { WaitingRows } from "./WaitingRows";

export interface Column<T> {
  id: string;
  title: ReactNode;
  cell(row: T): ReactNode;
  align?: "start" | "end" | undefined;
  /** A CSS width; a column without one takes its share of what is left. */
  width?: string | undefined;
  sortable?: boolean | undefined;
  hideBelow?: "phone" | "tablet" | undefined;
}

export interface TableProps<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf(row: T): string;
  sort?: { by: string; descending: boolean } | undefined;
  onSort?: ((by: string) => void) | undefined;
  onOpen?(row: T): void;
  /** Where a row leads, from the root of the dashboard; its first cell becomes the link. */
  hrefOf?(row: T): string;
  empty: ReactNode;
  loading?: boolean | undefined;
  selected?: ReadonlySet<string> | undefined;
  onSelect?: ((keys: Set<string>) => void) | undefined;
  /** The end of the rows is near: the moment to ask for more of them. */
  onEnd?: (() => void) | undefined;
}

// Fewer rows are all drawn, so that the browser's own search finds them.
const DRAWN_WHOLE = 120;
const ROW_HEIGHT = 41;
const NEAR_END_PX = 600;

export function Table<T>(props: TableProps<T>) {
  const { label, rows, columns, keyOf, loading = false, empty, selected, onEnd } = props;
  const scroller = useRef<HTMLElement>(null);
  const virtual = rows.length > DRAWN_WHOLE;
  const virtualizer = useVirtualizer({
    count: virtual ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    initialRect: { width: 0, height: 800 },
  });
  const nearEnd = useNearEnd(scroller, rows.length, onEnd);

  if (rows.length === 0 && !loading) return <div className={styles.frame}>{empty}</div>;

  const drawn = virtual
    ? virtualizer.getVirtualItems().map((item) => item.index)
    : rows.map((_, index) => index);
  const items = virtualizer.getVirtualItems();
  const before = virtual ? (items[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  return (
    <section
      ref={scroller}
      className={classes(styles.frame, styles.scroller)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
      tabIndex={0}
      aria-label={label}
      onScroll={nearEnd}
    >
      <table
        className={styles.table}
        aria-label={label}
        aria-rowcount={virtual ? rows.length + 1 : undefined}
        aria-busy={loading || undefined}
      >
        <TableHead {...props} />
        <tbody>
          <Spacer height={before} />
          {drawn.map((index) => {
            const row = rows[index];
            return row === undefined ? null : (
              <TableRow
                key={keyOf(row)}
                row={row}
                index={index}
                table={props}
                measure={virtual ? virtualizer.measureElement : undefined}
              />
            );
          })}
          <Spacer height={after} />
          {loading && (
            <WaitingRows
              columns={columns}
              selectable={selected !== undefined}
              few={rows.length > 0}
            />
          )}
        </tbody>
      </table>
    </section>
  );
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr aria-hidden="true">
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function useNearEnd(
  scroller: React.RefObject<HTMLElement | null>,
  length: number,
  onEnd: (() => void) | undefined,
) {
  const askedAt = useRef(-1);

  function look() {
    const box = scroller.current;
    if (box === null || onEnd === undefined || askedAt.current === length || length === 0) return;
    if (box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_END_PX) return;
    askedAt.current = length;
    onEnd();
  }

  // A page of rows that does not fill the box would never be scrolled.
  useEffect(look);
  return look;
}
