import styles from "./Skeleton.module.css";

export interface SkeletonProps {
  width?: string | number | undefined;
  height?: string | number | undefined;
  lines?: number | undefined;
}

/** Grey shapes of the size of what is being fetched; a reader hears of them from their owner. */
export function Skeleton({ width = "100%", height = 14, lines = 1 }: SkeletonProps) {
  const rows = Array.from({ length: lines }, (_, row) => row);
  return (
    <span className={styles.lines} aria-hidden="true" style={{ width }}>
      {rows.map((row) => (
        <span
          key={row}
          className={styles.line}
          style={{ height, width: lines > 1 && row === lines - 1 ? "60%" : "100%" }}
        />
      ))}
    </span>
  );
}
