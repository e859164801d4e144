import type { ReactNode } from "react";
import type { Report } from "@/job/report";
import { classes } from "@/look/classes";
import { bytes, number, percent, ratio, rounded } from "@/look/format";
import { Difference } from "./Difference";
import styles from "./ModelsTable.module.css";
import { type Line, linesOf, notMade } from "./models";

interface Column {
  id: string;
  title: ReactNode;
  about: string;
  cell: (line: Line) => ReactNode;
  has: (line: Line) => boolean;
}

const MEGABYTE = 1_000_000;

const COLUMNS: readonly Column[] = [
  {
    id: "top1",
    title: "Top-1",
    about: "The share of right answers",
    cell: ({ top1 }) => percent(top1),
    has: ({ top1 }) => top1 != null,
  },
  {
    id: "difference",
    title: "To the teacher",
    about: "Top-1 less the teacher's, in points of percent",
    cell: ({ againstTeacher }) => <Difference of={againstTeacher} />,
    has: ({ againstTeacher }) => againstTeacher !== null,
  },
  {
    id: "agreement",
    title: "As the teacher",
    about: "The share of samples that it answers as the teacher does",
    cell: ({ agreement_teacher }) => percent(agreement_teacher),
    has: ({ agreement_teacher }) => agreement_teacher != null,
  },
  {
    id: "f1",
    title: "Macro-F1",
    about: "F1, the mean over the classes",
    cell: ({ macro_f1 }) => percent(macro_f1),
    has: ({ macro_f1 }) => macro_f1 != null,
  },
  {
    id: "ece",
    title: "ECE",
    about: "How far confidence is from being right, on average; less is better",
    cell: ({ ece }) => percent(ece),
    has: ({ ece }) => ece != null,
  },
  {
    id: "parameters",
    title: "Parameters",
    about: "How many numbers it has learnt",
    cell: ({ parameters }) => rounded(parameters),
    has: ({ parameters }) => parameters !== null,
  },
  {
    id: "macs",
    title: "MACs",
    about: "Multiplications with an addition, for one image",
    cell: ({ macs }) => rounded(macs),
    has: ({ macs }) => macs !== null,
  },
  {
    id: "size",
    title: "Size",
    about: "Of the file; beside it, divided by the teacher's",
    cell: ({ sizeMb, sizeRatio }) => (
      <>
        {sizeMb === null ? "–" : bytes(sizeMb * MEGABYTE)}
        {sizeRatio !== null && <span className={styles.aside}> {ratio(sizeRatio)}</span>}
      </>
    ),
    has: () => true,
  },
  {
    id: "p50",
    title: "p50",
    about: "Milliseconds for one batch: half of the tries took less",
    cell: ({ p50 }) => milliseconds(p50),
    has: ({ p50 }) => p50 !== null,
  },
  {
    id: "p95",
    title: "p95",
    about: "Milliseconds for one batch: 95 of a hundred tries took less",
    cell: ({ p95 }) => milliseconds(p95),
    has: ({ p95 }) => p95 !== null,
  },
];

/** What each model is worth and what it costs. A number that nobody measured has no column. */
export function ModelsTable({ report }: { report: Report }) {
  const lines = linesOf(report);
  const columns = COLUMNS.filter(({ has }) => lines.some(has));
  const devices = new Set(lines.map(({ device }) => device));
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
      <section className={styles.scroller} tabIndex={0} aria-label="Models, scrolls sideways">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              {columns.map(({ id, title, about }) => (
                <th key={id} scope="col" className={styles.end} title={about}>
                  {(id === "p50" || id === "p95") &&
                    devices.size === 1 &&
                    `${[...devices][0]?.toUpperCase()} `}
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.name}>
                <th scope="row" title={measuredHow(line)}>
                  <span className={styles.model}>
                    <span className={classes(styles.swatch, styles[line.kind])} />
                    {line.name}
                    {devices.size > 1 && <span className={styles.aside}>{line.device}</span>}
                  </span>
                </th>
                {columns.map(({ id, cell }) => (
                  <td key={id} className={styles.end}>
                    {cell(line)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {notMade(report).map(({ name, reason }) => (
        <p key={name} className={styles.failed}>
          <strong>{name}</strong> could not be made: {reason}
        </p>
      ))}
    </div>
  );
}

function milliseconds(ms: number | null): string {
  return ms === null ? "–" : `${number(ms)} ms`;
}

function measuredHow({ name, measured, device }: Line): string {
  if (measured === null) return name;
  const { samples, batch, threads, runtime } = measured;
  return `${name}: ${samples} samples; time of a batch of ${batch} on ${runtime ?? device}, ${threads} threads`;
}
