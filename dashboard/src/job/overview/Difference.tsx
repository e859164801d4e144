import { classes } from "@/look/classes";
import { points } from "@/look/format";
import styles from "./Difference.module.css";

/** In points of percent, with its sign; the colour only repeats what the sign says. */
export function Difference({ of: found }: { of: number | null }) {
  const tone = found === null || Math.abs(found) < 0.00005 ? null : found > 0 ? "up" : "down";
  return <span className={classes(tone && styles[tone])}>{points(found)}</span>;
}
