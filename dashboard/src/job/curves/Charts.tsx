import { useMemo, useState } from "react";
import type { Job } from "@/api/schema";
import { LineChart, type Mark, type Range } from "@/charts/LineChart";
import { percent } from "@/look/format";
import styles from "./CurvesTab.module.css";
import type { Curves } from "./increments";
import { isTeacher } from "./names";
import { panelsOf } from "./panels";
import { useAttemptStarts, useStretch, useTeacherTop1 } from "./queries";
import { told } from "./standing-out";
import { refined, stretchAsk } from "./stretch";
import { firstSeedOf, termsOf } from "./terms";

interface ChartsProps {
  job: Job;
  training: string;
  curves: Curves;
}

const HEIGHT = 220;

/** Every chart of one training; they are zoomed and read as one. */
export function Charts({ job, training, curves }: ChartsProps) {
  const [range, setRange] = useState<Range | null>(null);
  const ask = useMemo(() => stretchAsk(range, curves.series), [range, curves.series]);
  const finer = useStretch(job, training, ask, range);
  const starts = useAttemptStarts(job, training, curves);
  const teacher = useTeacherTop1(job, !isTeacher(training)).data ?? null;
  const { resolved } = job;
  const series = useMemo(
    () => (ask === null ? curves.series : refined(curves.series, finer.data ?? [])),
    [ask, curves.series, finer.data],
  );
  const panels = useMemo(
    () =>
      panelsOf(series, {
        training,
        terms: termsOf(resolved),
        firstSeed: firstSeedOf(resolved),
      }).map((panel) => ({ ...panel, ...told(panel, series) })),
    [series, training, resolved],
  );
  const attempts = starts.map(
    ({ attempt, step }): Mark => ({ kind: "step", step, label: `attempt ${attempt}` }),
  );
  const references =
    teacher === null || isTeacher(training)
      ? []
      : [{ label: `teacher ${percent(teacher, 1)}`, value: teacher, colour: "teacher" as const }];
  return (
    <>
      <div className={styles.grid}>
        {panels.map(({ id, title, lines, format, log, isAccuracy, notes, marks }) => (
          <LineChart
            key={id}
            label={title}
            note={notes.join(" ")}
            lines={lines}
            references={isAccuracy ? references : undefined}
            marks={[...attempts, ...marks]}
            format={format}
            height={HEIGHT}
            log={log}
            sync={job.id}
            onRange={setRange}
          />
        ))}
      </div>
      <p className={styles.foot} role="status">
        {sampling(curves, ask !== null, finer.isFetching, finer.isError)}
      </p>
    </>
  );
}

/** Said where points were left out, so that nobody takes a curve for all there is. */
function sampling(curves: Curves, isZoomed: boolean, isFetching: boolean, isBroken: boolean) {
  if (!curves.series.some(({ sampled }) => sampled)) return null;
  if (!isZoomed) {
    return "Long curves are thinned; the highest and lowest points stay. Zoom in for finer ones.";
  }
  if (isFetching) return "Finer points of this stretch are being fetched.";
  return isBroken
    ? "The finer points of this stretch could not be fetched; the thinned ones are shown."
    : "This stretch is drawn in finer points.";
}
