import { asCss } from "@/charts/colours";
import { linear } from "@/charts/scale";
import type { CalibrationBin } from "@/job/report";
import { percent } from "@/look/format";
import styles from "./Calibration.module.css";
import type { Shape, Style } from "./models";

export interface Curve extends Style {
  name: string;
  bins: readonly CalibrationBin[];
}

export const SHAPES: Record<Shape, string> = {
  square: "M-5-5h10v10h-10z",
  circle: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  triangle: "M0-7 6.5 5h-13z",
  diamond: "M0-7 7 0 0 7-7 0z",
  cross: "M-5.5-2H-2v-3.5h4v3.5h3.5v4H2v3.5h-4V2h-3.5z",
};

const LEFT = 44;
const BOTTOM = 40;
const TOP = 24;
const RIGHT = 20;
const ENDS = [0, 1] as const;

/** Right answers against confidence, with the line where both are the same. */
export function Reliability({ curves, size }: { curves: readonly Curve[]; size: number }) {
  const x = linear(ENDS, [LEFT, size - RIGHT]);
  const y = linear(ENDS, [size - BOTTOM, TOP]);
  return (
    <svg
      width={size}
      height={size}
      className={styles.plot}
      role="img"
      aria-label="Share of right answers against confidence; its numbers are below."
    >
      {y.ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${y.at(tick)})`}>
          <line className={styles.grid} x1={LEFT} x2={size - RIGHT} />
          <text x={LEFT - 8} dy="0.32em" textAnchor="end">
            {percent(tick, 0)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={tick} transform={`translate(${x.at(tick)} 0)`}>
          <line className={styles.grid} y1={TOP} y2={size - BOTTOM} />
          <text y={size - BOTTOM + 16} textAnchor="middle">
            {percent(tick, 0)}
          </text>
        </g>
      ))}
      <text className={styles.axis} x={size - RIGHT} y={size - 6} textAnchor="end">
        confidence
      </text>
      <text className={styles.axis} x={0} y={11}>
        right answers
      </text>
      <path className={styles.even} d={`M${x.at(0)} ${y.at(0)}L${x.at(1)} ${y.at(1)}`} />
      {curves.map((curve) => (
        <Drawn key={curve.name} curve={curve} x={x.at} y={y.at} />
      ))}
    </svg>
  );
}

interface DrawnProps {
  curve: Curve;
  x: (value: number) => number;
  y: (value: number) => number;
}

function Drawn({ curve, x, y }: DrawnProps) {
  const points = curve.bins.flatMap(({ count, confidence, accuracy }) =>
    confidence == null || accuracy == null
      ? []
      : [{ count, left: x(confidence), top: y(accuracy) }],
  );
  const most = Math.max(1, ...points.map(({ count }) => count));
  const line = points.map(({ left, top }) => `${left.toFixed(1)} ${top.toFixed(1)}`).join("L");
  return (
    <g style={{ color: asCss(curve.colour) }}>
      {points.length > 1 && <path className={styles.line} d={`M${line}`} />}
      {points.map(({ count, left, top }) => (
        <path
          key={left}
          className={styles.mark}
          d={SHAPES[curve.shape]}
          transform={`translate(${left} ${top}) scale(${0.4 + 0.7 * Math.sqrt(count / most)})`}
        />
      ))}
    </g>
  );
}
