import { classes } from "./classes";
import { DownIcon, UpIcon } from "./icons";
import { Checkbox } from "./inputs";
import type { Column, TableProps } from "./Table";
import styles from "./Table.module.css";

export function TableHead<T>({
  rows,
  columns,
  keyOf,
  sort,
  onSort,
  selected,
  onSelect,
}: TableProps<T>) {
  return (
    <thead>
      <tr>
        {selected !== undefined && (
          <th className={classes(styles.head, styles.select)} scope="col">
            <SelectAll keys={rows.map(keyOf)} selected={selected} onSelect={onSelect} />
          </th>
        )}
        {columns.map((column) => (
          <th
            key={column.id}
            scope="col"
            style={{ width: column.width }}
            className={classes(styles.head, cellClass(column))}
            aria-sort={ariaSort(column.id, sort)}
          >
            {column.sortable && onSort !== undefined ? (
              <button type="button" className={styles.sort} onClick={() => onSort(column.id)}>
                {column.title}
                <span className={classes(styles.arrow, sort?.by === column.id && styles.sorted)}>
                  {sort?.by === column.id && !sort.descending ? (
                    <UpIcon size={12} />
                  ) : (
                    <DownIcon size={12} />
                  )}
                </span>
              </button>
            ) : (
              column.title
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function cellClass<T>(column: Column<T>): string {
  return classes(
    column.align === "end" && styles.end,
    column.hideBelow === "phone" && styles.notOnPhone,
    column.hideBelow === "tablet" && styles.notOnTablet,
  );
}

function ariaSort(id: string, sort: TableProps<unknown>["sort"]) {
  if (sort?.by !== id) return undefined;
  return sort.descending ? "descending" : "ascending";
}

interface SelectAllProps {
  keys: string[];
  selected: ReadonlySet<string>;
  onSelect: ((keys: Set<string>) => void) | undefined;
}

function SelectAll({ keys, selected, onSelect }: SelectAllProps) {
  const chosen = keys.filter((key) => selected.has(key)).length;
  const all = chosen > 0 && chosen === keys.length;
  return (
    <Checkbox
      aria-label="Select every row"
      checked={all}
      ref={(box) => {
        if (box !== null) box.indeterminate = chosen > 0 && !all;
      }}
      onChange={() => onSelect?.(new Set(all ? [] : keys))}
    />
  );
}
