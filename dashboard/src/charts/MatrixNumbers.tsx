import { classes } from "@/look/classes";
import { count } from "@/look/format";
import { type MatrixKind, shadeOf } from "./cells";
import styles from "./Matrix.module.css";

interface MatrixNumbersProps {
  matrix: readonly (readonly number[])[];
  rowTotals: readonly number[];
  kind: MatrixKind;
  unit: number;
}

const MIDDLE_FROM = 5;
const STRONG_FROM = 7;

/** What is in the cells of a small matrix. */
export function MatrixNumbers({ matrix, rowTotals, kind, unit }: MatrixNumbersProps) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a group takes no focus
    <g aria-hidden="true">
      {matrix.map((values, row) =>
        values.map((value, column) => {
          if (value === 0) return null;
          const { level } = shadeOf(value, rowTotals[row] ?? 0, row, column, kind);
          return (
            <text
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
              key={`${row} ${column}`}
              className={classes(
                styles.number,
                level >= MIDDLE_FROM && styles.onMiddle,
                level >= STRONG_FROM && styles.onStrong,
              )}
              x={(column + 0.5) * unit}
              y={(row + 0.5) * unit}
              dy="0.35em"
              textAnchor="middle"
            >
              {kind === "difference" && value > 0 && "+"}
              {count(value)}
            </text>
          );
        }),
      )}
    </g>
  );
}
