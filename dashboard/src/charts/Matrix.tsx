import { type PointerEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { count, percent } from "@/look/format";
import { ChartFrame } from "./ChartFrame";
import { type Cell, layersOf, type MatrixKind, nextCell, notableCells } from "./cells";
import styles from "./Matrix.module.css";
import { MatrixKey } from "./MatrixKey";
import { MatrixLabels } from "./MatrixLabels";
import { MatrixNumbers } from "./MatrixNumbers";
import { useWidth } from "./width";

export interface MatrixProps {
  label: string;
  note?: ReactNode;
  names: readonly string[];
  /** A row for each true class, a column for each answer. */
  matrix: readonly (readonly number[])[];
  /** Counts, or what they are more or less than those of another model. */
  kind?: MatrixKind | undefined;
  /** Samples of each class; without them a row's own sum. A difference needs them. */
  totals?: readonly number[] | undefined;
}

/** Up to here a number fits into its cell. */
const WRITTEN_CLASSES = 12;
const LARGEST_CELL = 40;
const SMALLEST_CELL = 4;
const SMALLEST_NAMED_CELL = 11;
const LONGEST_NAME = 14;
const CHARACTER_PX = 6.2;

export function Matrix({ label, note, names, matrix, kind = "share", totals }: MatrixProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 480);
  const [cell, setCell] = useState<Cell | null>(null);
  const size = matrix.length;
  const rowTotals = useMemo(
    () => totals ?? matrix.map((row) => row.reduce((sum, value) => sum + value, 0)),
    [matrix, totals],
  );
  const layers = useMemo(() => layersOf(matrix, rowTotals, kind), [matrix, rowTotals, kind]);
  const longest = Math.min(LONGEST_NAME, Math.max(0, ...names.map((name) => name.length)));
  const named = (width - longest * CHARACTER_PX) / size >= SMALLEST_NAMED_CELL;
  const margin = named ? Math.ceil(longest * CHARACTER_PX) + 10 : 0;
  const unit = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, (width - margin - 2) / size));
  const side = unit * size;
  const widest =
    Math.max(...matrix.flat().map((value) => count(value).length)) + (kind === "share" ? 0 : 1);

  function point(event: PointerEvent<SVGSVGElement>) {
    const edge = event.currentTarget.getBoundingClientRect();
    const column = Math.floor((event.clientX - edge.left - margin) / unit);
    const row = Math.floor((event.clientY - edge.top - margin) / unit);
    const inside = row >= 0 && column >= 0 && row < size && column < size;
    setCell(inside ? { row, column } : null);
  }

  return (
    <ChartFrame label={label} note={note} table={<Notable {...{ names, matrix, kind }} />}>
      <p className={styles.reading} role="status">
        {cell === null
          ? "A row for each true class, a column for each answer."
          : reading(cell, names, matrix, rowTotals, kind)}
      </p>
      <div ref={box} className={styles.box}>
        <svg
          width={margin + side + 2}
          height={margin + side + 2}
          className={styles.map}
          role="application"
          aria-roledescription="heat map"
          aria-label={`${label}, ${size} classes. Arrow keys read the cells.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the cells
          tabIndex={0}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setCell(null)}
          onBlur={() => setCell(null)}
          onKeyDown={(event) => {
            const next = nextCell(cell ?? { row: 0, column: -1 }, event.key, size);
            if (next === null) return;
            event.preventDefault();
            setCell(next);
          }}
        >
          {named && <MatrixLabels {...{ names, margin, unit, cell }} longest={LONGEST_NAME} />}
          <g transform={`translate(${margin} ${margin})`}>
            <rect className={styles.ground} width={side} height={side} />
            <g transform={`scale(${unit})`}>
              {layers.map(({ level, tone, path }) => (
                <path
                  key={`${tone} ${level}`}
                  d={path}
                  className={styles[tone]}
                  opacity={level / 8}
                />
              ))}
            </g>
            {size <= WRITTEN_CLASSES && unit >= widest * CHARACTER_PX + 4 && (
              <MatrixNumbers {...{ matrix, rowTotals, kind, unit }} />
            )}
            {cell !== null && <Pointed cell={cell} unit={unit} side={side} />}
          </g>
        </svg>
      </div>
      <MatrixKey kind={kind} />
    </ChartFrame>
  );
}

function reading(
  { row, column }: Cell,
  names: readonly string[],
  matrix: readonly (readonly number[])[],
  totals: readonly number[],
  kind: MatrixKind,
): string {
  const value = matrix[row]?.[column] ?? 0;
  const total = totals[row] ?? 0;
  const pair = `${names[row] ?? row} → ${names[column] ?? column}`;
  const written = kind === "difference" && value > 0 ? `+${count(value)}` : count(value);
  const share = total > 0 ? `, ${percent(value / total, 1)} of ${count(total)}` : "";
  return `${pair}: ${written}${share}`;
}

function Pointed({ cell, unit, side }: { cell: Cell; unit: number; side: number }) {
  const x = cell.column * unit;
  const y = cell.row * unit;
  return (
    <g className={styles.pointed}>
      <rect className={styles.stripe} x={0} y={y} width={side} height={unit} />
      <rect className={styles.stripe} x={x} y={0} width={unit} height={side} />
      <rect className={styles.cell} x={x} y={y} width={unit} height={unit} />
    </g>
  );
}

interface NotableProps {
  names: readonly string[];
  matrix: readonly (readonly number[])[];
  kind: MatrixKind;
}

function Notable({ names, matrix, kind }: NotableProps) {
  const cells = useMemo(() => notableCells(matrix, kind), [matrix, kind]);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">true → answered</th>
          <th scope="col">{kind === "share" ? "times" : "change"}</th>
        </tr>
      </thead>
      <tbody>
        {cells.map(({ row, column, value }) => (
          <tr key={`${row} ${column}`}>
            <th scope="row">
              {names[row] ?? row} → {row === column ? "right" : (names[column] ?? column)}
            </th>
            <td>
              {kind === "difference" && value > 0 && "+"}
              {count(value)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
