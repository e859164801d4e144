import { classes } from "@/look/classes";
import type { Bar } from "./Bars";
import styles from "./Bars.module.css";

export interface BarScale {
  low: number;
  span: number;
}

interface BarRowProps {
  bar: Bar;
  scale: BarScale;
  format: (value: number) => string;
}

export function BarRow({ bar, scale, format }: BarRowProps) {
  const share = (value: number) => ((value - scale.low) / scale.span) * 100;
  const start = share(Math.min(0, bar.value));
  const width = share(Math.max(0, bar.value)) - start;
  return (
    <tr>
      <th scope="row" className={styles.name} title={bar.label}>
        {bar.label}
      </th>
      <td className={styles.cell}>
        <div className={styles.track}>
          <div
            className={classes(styles.bar, bar.value < 0 && styles.negative)}
            style={{ left: `${start}%`, width: `${width}%` }}
          />
          {scale.low < 0 && <div className={styles.zero} style={{ left: `${share(0)}%` }} />}
          {bar.reference !== undefined && (
            <div
              className={styles.reference}
              style={{ left: `${share(bar.reference)}%` }}
              title={format(bar.reference)}
            />
          )}
        </div>
      </td>
      <td className={styles.value}>
        {format(bar.value)}
        {bar.reference !== undefined && (
          <span className="unseen">, held against {format(bar.reference)}</span>
        )}
      </td>
    </tr>
  );
}
