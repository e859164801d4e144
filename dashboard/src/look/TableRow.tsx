import { type KeyboardEvent, type MouseEvent, memo, type ReactNode } from "react";
import { Anchor, isPlainClick } from "./Anchor";
import { classes } from "./classes";
import { Checkbox } from "./inputs";
import type { TableProps } from "./Table";
import styles from "./Table.module.css";
import { cellClass } from "./TableHead";

interface TableRowProps<T> {
  row: T;
  index: number;
  table: TableProps<T>;
  measure: ((element: HTMLTableRowElement | null) => void) | undefined;
}

const OWN_CLICK = "a, button, input, select, textarea, label, summary, [role=menu]";

function Row<T>({ row, index, table, measure }: TableRowProps<T>) {
  const { columns, keyOf, onOpen, hrefOf, selected, onSelect } = table;
  const key = keyOf(row);
  const chosen = selected?.has(key) ?? false;
  const opens = onOpen !== undefined || hrefOf !== undefined;

  function open(event: MouseEvent<HTMLTableRowElement>) {
    const target = event.target;
    if (!(target instanceof Element) || target.closest(OWN_CLICK) || !isPlainClick(event)) return;
    // Whoever marks text in a row does not want to leave.
    if (getSelection()?.toString()) return;
    event.currentTarget.querySelector<HTMLElement>("[data-opens]")?.click();
  }

  function toggle() {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  }

  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={measure === undefined ? undefined : index + 2}
      aria-selected={selected === undefined ? undefined : chosen}
      className={classes(styles.row, opens && styles.opens, chosen && styles.chosen)}
      onClick={opens ? open : undefined}
      onKeyDown={moveBetweenRows}
    >
      {selected !== undefined && (
        <td className={classes(styles.cell, styles.select)}>
          <Checkbox aria-label="Select this row" checked={chosen} onChange={toggle} />
        </td>
      )}
      {columns.map((column, place) => (
        <td key={column.id} className={classes(styles.cell, cellClass(column))}>
          {place === 0 && opens ? (
            <Opener to={hrefOf?.(row)} onOpen={onOpen && (() => onOpen(row))}>
              {column.cell(row)}
            </Opener>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

/** While a long table is scrolled, only the rows that come into sight are drawn. */
export const TableRow: <T>(props: TableRowProps<T>) => ReactNode = memo(Row);

interface OpenerProps {
  to: string | undefined;
  onOpen: (() => void) | undefined;
  children: ReactNode;
}

function Opener({ to, onOpen, children }: OpenerProps) {
  if (to === undefined)
    return (
      <button type="button" data-opens className={styles.opener} onClick={onOpen}>
        {children}
      </button>
    );
  return (
    <Anchor to={to} data-opens className={styles.opener} onClick={onOpen}>
      {children}
    </Anchor>
  );
}

/** Up and down from the link of one row to that of the next. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableRowElement>): void {
  const target = event.target;
  if (!(target instanceof HTMLElement) || !("opens" in target.dataset)) return;
  const row = event.currentTarget;
  const next =
    event.key === "ArrowDown"
      ? row.nextElementSibling
      : event.key === "ArrowUp"
        ? row.previousElementSibling
        : null;
  const opener = next?.querySelector<HTMLElement>("[data-opens]");
  if (opener == null) return;
  event.preventDefault();
  opener.focus();
}
