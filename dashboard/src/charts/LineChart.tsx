import "uplot/dist/uPlot.min.css";
import "./uplot.css";
import { type ReactNode, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import { count, number } from "@/look/format";
import { ChartFrame } from "./ChartFrame";
import styles from "./LineChart.module.css";
import { LineLegend, type Reading } from "./LineLegend";
import { LineTable } from "./LineTable";
import { LineTools } from "./LineTools";
import { aligned, extentOf, type Line, type Range, type ReferenceLine, stackedUp } from "./lines";
import type { Mark } from "./marks";
import { usePlot } from "./plot-hook";
import { readingAt, useKeys } from "./reading";
import { useView } from "./view";

export type { Line, Range, ReferenceLine } from "./lines";
export type { Mark } from "./marks";

export interface LineChartProps {
  label: string;
  note?: ReactNode;
  lines: readonly Line[];
  /** Constant values, dashed: what the teacher reaches. */
  references?: readonly ReferenceLine[] | undefined;
  /** Single steps and points that stand out: a new attempt, the best, a value that was no number. */
  marks?: readonly Mark[] | undefined;
  format?: ((value: number) => string) | undefined;
  /** What the steps are called. */
  stepName?: string | undefined;
  height?: number | undefined;
  /** Offers a logarithmic scale; true begins with it. */
  log?: boolean | undefined;
  /** Draws the lines upon each other, as parts of a sum; they must have the same steps. */
  stacked?: boolean | undefined;
  /** Charts of one name share the cursor and the zoom. */
  sync?: string | undefined;
  /** The steps to show, where the caller keeps them; null shows all. */
  range?: Range | null | undefined;
  /** Said when a zoom or a move has come to rest: the moment to fetch that stretch finer. */
  onRange?: ((range: Range | null) => void) | undefined;
  /** What stands in the place of a chart without points. */
  empty?: ReactNode;
}

const NO_REFERENCES: readonly ReferenceLine[] = [];
const NO_MARKS: readonly Mark[] = [];

export function LineChart({
  label,
  note,
  lines,
  references = NO_REFERENCES,
  marks = NO_MARKS,
  format = number,
  stepName = "step",
  height = 220,
  log,
  stacked = false,
  sync,
  range,
  onRange,
  empty = "No points yet.",
}: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const [logarithmic, setLogarithmic] = useState(log ?? false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [reading, setReading] = useState<Reading | null>(null);
  const plain = useMemo(() => aligned(lines, logarithmic), [lines, logarithmic]);
  const data = useMemo(
    () => (stacked ? stackedUp(plain, (place) => hidden.has(lines[place]?.id ?? "")) : plain),
    [plain, stacked, hidden, lines],
  );
  const bounds = useMemo(() => extentOf(lines), [lines]);
  const { view, move } = useView({ range, onRange, sync });
  const onCursor = (plot: uPlot) => setReading(readingAt(plot, plain));
  const plot = usePlot(box, {
    ...{ lines, references, marks, data, height, hidden, stacked, view, sync, format, onCursor },
    log: logarithmic,
    onMove: move,
  });
  const keys = useKeys(plot, { view, bounds, move });

  function toggle(id: string) {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  }

  return (
    <ChartFrame
      label={label}
      note={note}
      tools={
        bounds !== null && (
          <LineTools
            reading={reading === null ? "" : `${stepName} ${count(reading.step)}`}
            bounds={bounds}
            view={view}
            onMove={move}
            logarithmic={log === undefined ? undefined : logarithmic}
            onLogarithmic={setLogarithmic}
          />
        )
      }
      table={
        <LineTable lines={lines} references={references} format={format} stepName={stepName} />
      }
    >
      <LineLegend {...{ lines, references, hidden, reading, format }} onToggle={toggle} />
      {bounds === null ? (
        <div className={styles.empty} style={{ height }}>
          {empty}
        </div>
      ) : (
        <div
          ref={box}
          className={styles.plot}
          style={{ height }}
          role="application"
          aria-roledescription="chart"
          aria-label={`${label}, ${stepName} ${count(bounds.from)} to ${count(bounds.to)}. Arrow keys read values, plus and minus zoom, Shift with arrows moves, Escape shows all.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: keys read values, zoom and move
          tabIndex={0}
          onKeyDown={keys}
        />
      )}
    </ChartFrame>
  );
}
