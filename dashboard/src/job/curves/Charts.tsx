import { useMemo, useState } from "react";
import type { Job } from "@/api/schema";
import { LineChart, type Mark, type Range, type ReferenceLine } from "@/charts/LineChart";
import { measuredTeacherTop1 } from "@/jobs/numbers";
import { Switch } from "@/look/inputs";
import styles from "./CurvesTab.module.css";
import type { Curves } from "./increments";
import { isTeacher } from "./names";
import { type Panel, panelsOf } from "./panels";
import { useAttemptStarts, useStretch } from "./queries";
import { canStack, onSameSteps } from "./stacking";
import { type StandingOut, told } from "./standing-out";
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
  const finer = useStretch(job, training, curves, ask);
  const starts = useAttemptStarts(job, training, curves);
  const teacher = measuredTeacherTop1(job);
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
      : [{ label: "teacher", value: teacher, colour: "teacher" as const }];
  return (
    <>
      <div className={styles.grid}>
        {panels.map((panel) => (
          <Chart
            key={panel.id}
            panel={panel}
            references={panel.isAccuracy ? references : undefined}
            marks={[...attempts, ...panel.marks]}
            sync={job.id}
            range={range}
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

interface ChartProps {
  panel: Panel & StandingOut;
  references: readonly ReferenceLine[] | undefined;
  marks: readonly Mark[];
  sync: string;
  range: Range | null;
  onRange: (range: Range | null) => void;
}

function Chart({ panel, references, ...rest }: ChartProps) {
  const { id, title, lines, format, log, isSum, notes } = panel;
  const [wished, setWished] = useState(true);
  const offered = isSum === true && canStack(lines);
  const stacked = offered && wished;
  const drawn = useMemo(() => (stacked ? onSameSteps(lines) : lines), [stacked, lines]);
  return (
    <LineChart
      {...rest}
      // A sum has no logarithm of its parts; the chart begins anew without that switch.
      key={`${id} ${stacked}`}
      label={title}
      note={
        offered ? (
          <span className={styles.withSwitch}>
            {notes.join(" ")}
            <Switch
              label="stacked"
              checked={wished}
              onChange={(event) => setWished(event.target.checked)}
            />
          </span>
        ) : (
          notes.join(" ")
        )
      }
      lines={drawn}
      references={references}
      format={format}
      height={HEIGHT}
      log={stacked ? undefined : log}
      stacked={stacked}
    />
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
