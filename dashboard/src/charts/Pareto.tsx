import { type ReactNode, useMemo, useRef, useState } from "react";
import { number, percent } from "@/look/format";
import { Budget } from "./Budget";
import { ChartFrame } from "./ChartFrame";
import { type Budgets, frontOf, meets, type ParetoPoint } from "./front";
import { placeLabels } from "./labels";
import styles from "./Pareto.module.css";
import { ParetoAxes } from "./ParetoAxes";
import { ParetoTable } from "./ParetoTable";
import { PointMark } from "./PointMark";
import { axesFor, PLOT } from "./pareto-axes";
import { useWidth } from "./width";

export type { Budgets, Kind, ParetoPoint } from "./front";

export interface ParetoProps {
  label: string;
  note?: ReactNode;
  points: readonly ParetoPoint[];
  costName: string;
  worthName: string;
  formatCost?: ((cost: number) => string) | undefined;
  formatWorth?: ((worth: number) => string) | undefined;
  budgets?: Budgets | undefined;
  /** Lets the budget lines be moved. */
  onBudgets?: ((budgets: Budgets) => void) | undefined;
  onOpen?: ((point: ParetoPoint) => void) | undefined;
  height?: number | undefined;
  empty?: ReactNode;
}

const NO_BUDGETS: Budgets = { cost: null, worth: null };

/** Worth against cost: a point for each artifact, and the front of what nothing else beats. */
export function Pareto({
  label,
  note,
  points,
  costName,
  worthName,
  formatCost = number,
  formatWorth = percent,
  budgets = NO_BUDGETS,
  onBudgets,
  onOpen,
  height = 360,
  empty = "Nothing to compare yet.",
}: ParetoProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [pointed, setPointed] = useState<ParetoPoint | null>(null);
  const axes = useMemo(() => axesFor(points, width, height), [points, width, height]);
  const front = useMemo(() => frontOf(points), [points]);
  const labels = useMemo(
    () => placeLabels(points, front, axes, { width, height }),
    [points, front, axes, width, height],
  );
  const met = points.filter((point) => meets(point, budgets)).length;
  const line = front.map(({ cost, worth }) => `${axes.x.at(cost)},${axes.y.at(worth)}`).join(" ");

  return (
    <ChartFrame
      label={label}
      note={note}
      table={<ParetoTable {...{ points, front, costName, worthName, formatCost, formatWorth }} />}
    >
      <p className={styles.reading} role="status">
        {pointed === null
          ? summary(points.length, front.length, met, budgets)
          : `${pointed.label}: ${formatWorth(pointed.worth)} at ${formatCost(pointed.cost)}${
              front.includes(pointed) ? ", on the front" : ""
            }${pointed.detail === undefined ? "" : ` · ${pointed.detail}`}`}
      </p>
      <div ref={box} className={styles.box} style={{ height }}>
        {points.length === 0 ? (
          <div className={styles.empty}>{empty}</div>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: a drawing with parts of its own
          <svg
            width={width}
            height={height}
            className={styles.plot}
            role="group"
            aria-label={`${worthName} against ${costName}`}
          >
            <ParetoAxes
              {...{ axes, width, height, costName, worthName, formatCost, formatWorth }}
            />
            <polyline className={styles.front} points={line} />
            {onBudgets !== undefined && (
              <>
                <Budget
                  name={`Highest ${costName}`}
                  along="x"
                  scale={axes.x}
                  from={PLOT.top}
                  to={height - PLOT.bottom}
                  value={budgets.cost}
                  format={formatCost}
                  onChange={(cost) => onBudgets({ ...budgets, cost })}
                />
                <Budget
                  name={`Lowest ${worthName}`}
                  along="y"
                  scale={axes.y}
                  from={PLOT.left}
                  to={width - PLOT.right}
                  value={budgets.worth}
                  format={formatWorth}
                  onChange={(worth) => onBudgets({ ...budgets, worth })}
                />
              </>
            )}
            {labels.map((text) => (
              <text
                key={text.id}
                x={text.x}
                y={text.y}
                textAnchor={text.anchor}
                className={styles.label}
              >
                {text.text}
              </text>
            ))}
            {points.map((point) => (
              <PointMark
                key={point.id}
                point={point}
                x={axes.x.at(point.cost)}
                y={axes.y.at(point.worth)}
                faded={!meets(point, budgets)}
                said={`${point.label}, ${formatWorth(point.worth)} at ${formatCost(point.cost)}`}
                onPoint={setPointed}
                onOpen={onOpen}
              />
            ))}
          </svg>
        )}
      </div>
    </ChartFrame>
  );
}

function summary(all: number, onFront: number, met: number, budgets: Budgets): string {
  const front = `${onFront} of ${all} on the front`;
  if (budgets.cost === null && budgets.worth === null) return front;
  return `${front}; ${met} within the budgets`;
}
