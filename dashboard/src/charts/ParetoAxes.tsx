import styles from "./Pareto.module.css";
import { type Axes, PLOT } from "./pareto-axes";
import { tickTexts } from "./tick-texts";

interface ParetoAxesProps {
  axes: Axes;
  width: number;
  height: number;
  costName: string;
  worthName: string;
  formatCost: (cost: number) => string;
  formatWorth: (worth: number) => string;
}

export function ParetoAxes(props: ParetoAxesProps) {
  const { axes, width, height, costName, worthName, formatCost, formatWorth } = props;
  const worths = tickTexts(axes.y.ticks, formatWorth, false);
  const costs = tickTexts(axes.x.ticks, formatCost, true);
  const bottom = height - PLOT.bottom;
  const right = width - PLOT.right;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a group takes no focus
    <g aria-hidden="true">
      {axes.y.ticks.map((tick, place) => (
        <g key={tick} transform={`translate(0 ${axes.y.at(tick)})`}>
          <line className={styles.grid} x1={PLOT.left} x2={right} />
          <text className={styles.tick} x={PLOT.left - 8} dy="0.32em" textAnchor="end">
            {worths[place]}
          </text>
        </g>
      ))}
      {axes.x.ticks.map((tick, place) => (
        <g key={tick} transform={`translate(${axes.x.at(tick)} 0)`}>
          <line className={styles.grid} y1={PLOT.top} y2={bottom} />
          <text className={styles.tick} y={bottom + 16} textAnchor="middle">
            {costs[place]}
          </text>
        </g>
      ))}
      <text className={styles.axis} x={right} y={height - 8} textAnchor="end">
        {costName} (logarithmic)
      </text>
      <text className={styles.axis} x={0} y={11}>
        {worthName}
      </text>
    </g>
  );
}
