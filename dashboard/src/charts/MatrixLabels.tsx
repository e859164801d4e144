import { classes } from "@/look/classes";
import type { Cell } from "./cells";
import styles from "./Matrix.module.css";

interface MatrixLabelsProps {
  names: readonly string[];
  margin: number;
  unit: number;
  cell: Cell | null;
  longest: number;
}

export function MatrixLabels({ names, margin, unit, cell, longest }: MatrixLabelsProps) {
  const middle = (place: number) => margin + (place + 0.5) * unit;
  const short = (name: string) => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a group takes no focus
    <g aria-hidden="true">
      {names.map((name, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two classes may have one name
        <g key={place}>
          <text
            className={classes(styles.name, cell?.row === place && styles.named)}
            x={margin - 6}
            y={middle(place)}
            dy="0.35em"
            textAnchor="end"
          >
            {short(name)}
          </text>
          <text
            className={classes(styles.name, cell?.column === place && styles.named)}
            transform={`translate(${middle(place)} ${margin - 6}) rotate(-90)`}
            dy="0.35em"
          >
            {short(name)}
          </text>
        </g>
      ))}
    </g>
  );
}
