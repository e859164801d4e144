import { classes } from "@/look/classes";
import { asCss } from "./colours";
import type { Kind, ParetoPoint } from "./front";
import styles from "./Pareto.module.css";

interface PointMarkProps {
  point: ParetoPoint;
  x: number;
  y: number;
  faded: boolean;
  said: string;
  onPoint: (point: ParetoPoint | null) => void;
  onOpen: ((point: ParetoPoint) => void) | undefined;
}

export function PointMark({ point, x, y, faded, said, onPoint, onOpen }: PointMarkProps) {
  const kind = point.kind ?? "student";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a drawing
    <g
      role="button"
      aria-label={said}
      aria-disabled={onOpen === undefined || undefined}
      tabIndex={0}
      transform={`translate(${x} ${y})`}
      className={classes(styles.point, faded && styles.faded, onOpen && styles.opens)}
      style={{ color: asCss(kind) }}
      onPointerEnter={() => onPoint(point)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onPoint(point)}
      onBlur={() => onPoint(null)}
      onClick={() => onOpen?.(point)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onOpen?.(point);
      }}
    >
      <circle className={styles.target} r="14" />
      <circle className={styles.halo} r="10" />
      <path className={styles.mark} d={SHAPES[kind]} />
    </g>
  );
}

/** A form for each kind, so that colour is not all that tells them apart. */
const SHAPES: Record<Kind, string> = {
  teacher: "M-5-5h10v10h-10z",
  student: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  int8: "M0-7 6.5 5h-13z",
  onnx: "M0-7 7 0 0 7-7 0z",
  baseline: "M-5.5-2H-2v-3.500h4v3.500h3.500v4H2v3.500h-4V2h-3.500z",
};
