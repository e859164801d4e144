import type { Job } from "@/api/schema";
import { classes } from "@/look/classes";
import { count, number, percent } from "@/look/format";
import { Section } from "@/look/Page";
import styles from "./ModelsTable.module.css";
import { type SoFar, soFarOf } from "./so-far";

/** Until there is a report: the numbers of the training itself. */
export function SoFarTable({ job }: { job: Job }) {
  const lines = soFarOf(job);
  if (lines.length === 0) return null;
  return (
    <Section
      title="So far"
      note="Of the validation split, as training went; the report measures anew."
    >
      <div className={styles.frame}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
        <section className={styles.scroller} tabIndex={0} aria-label="So far, scrolls sideways">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className={styles.end}>
                  Best top-1
                </th>
                <th scope="col" className={styles.end}>
                  Last top-1
                </th>
                <th scope="col" className={styles.end}>
                  As the teacher
                </th>
                <th scope="col" className={styles.end}>
                  Training loss
                </th>
                <th scope="col" className={styles.end}>
                  Images a second
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <One key={line.name} line={line} />
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </Section>
  );
}

function One({ line }: { line: SoFar }) {
  return (
    <tr>
      <th scope="row">
        <span className={styles.model}>
          <span className={classes(styles.swatch, styles[line.name])} />
          {line.name}
        </span>
      </th>
      <td className={styles.end}>
        {percent(line.best)} <Epoch of={line.bestEpoch} />
      </td>
      <td className={styles.end}>
        {percent(line.last)} <Epoch of={line.lastEpoch} />
      </td>
      <td className={styles.end}>{percent(line.agreement)}</td>
      <td className={styles.end}>{number(line.loss)}</td>
      <td className={styles.end}>{count(line.imagesPerSecond)}</td>
    </tr>
  );
}

function Epoch({ of: epoch }: { of: number | null }) {
  return epoch !== null && <span className={styles.aside}>epoch {epoch}</span>;
}
