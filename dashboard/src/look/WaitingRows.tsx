import { classes } from "./classes";
import { Skeleton } from "./Skeleton";
import type { Column } from "./Table";
import styles from "./Table.module.css";
import { cellClass } from "./TableHead";

interface WaitingRowsProps<T> {
  columns: readonly Column<T>[];
  selectable: boolean;
  /** Below rows that are there already, a hint is enough. */
  few: boolean;
}

/** Rows of the height of real ones while those are fetched. */
export function WaitingRows<T>({ columns, selectable, few }: WaitingRowsProps<T>) {
  const rows = Array.from({ length: few ? 2 : 8 }, (_, row) => row);
  return rows.map((row) => (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr key={row} className={styles.row} aria-hidden="true">
      {selectable && <td className={classes(styles.cell, styles.select)} />}
      {columns.map((column, place) => (
        <td key={column.id} className={classes(styles.cell, cellClass(column))}>
          <Skeleton width={place === 0 ? `${70 - (row % 3) * 12}%` : "56px"} height={12} />
        </td>
      ))}
    </tr>
  ));
}
