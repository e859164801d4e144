import { asCss, colourOf, dashOf } from "@/charts/colours";
import styles from "@/compare/compare.module.css";

/** A job by its name, with the line that it is drawn with. */
export function JobName({ place, name }: { place: number; name: string }) {
  return (
    <span className={styles.job}>
      <svg width="16" height="10" aria-hidden="true" focusable="false">
        <line
          x1="0"
          x2="16"
          y1="5"
          y2="5"
          strokeWidth="2.5"
          stroke={asCss(colourOf(place))}
          strokeDasharray={dashOf(place)?.join(" ")}
        />
      </svg>
      <span className={styles.name} title={name}>
        {name}
      </span>
    </span>
  );
}
