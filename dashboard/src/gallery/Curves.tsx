import { useMemo, useState } from "react";
import { LineChart, type Range } from "@/charts/LineChart";
import { withFiner } from "@/charts/lines";
import { percent, points } from "@/look/format";
import { Section } from "@/look/Page";
import styles from "./gallery.module.css";
import { LONG_NAME, sampleCurve } from "./samples";

const STEPS = 100_000;

export function Curves() {
  const [range, setRange] = useState<Range | null>(null);
  const loss = useMemo(() => lossLines(range), [range]);
  const accuracy = useMemo(
    () => [
      {
        id: "top1",
        label: "val/top1",
        ...sampleCurve(3, STEPS, 40, 0.1, 0.902),
        colour: "student" as const,
      },
    ],
    [],
  );
  const gaps = useMemo(() => linesWithGaps(), []);
  const many = useMemo(() => manyLines(), []);
  const one = useMemo(() => [{ id: "a", label: "val/top1", steps: [500], values: [0.41] }], []);
  return (
    <Section
      title="Curves"
      note={`Drag to zoom, Shift and drag to move, wheel once a chart is in use. Fetched: ${
        range === null ? "everything" : `${Math.round(range.from)} to ${Math.round(range.to)}`
      }.`}
    >
      <div className={styles.wide}>
        <LineChart
          label="Loss"
          lines={loss}
          log={false}
          sync="job"
          range={range}
          onRange={setRange}
        />
        <LineChart
          label="Accuracy"
          lines={accuracy}
          references={[{ label: "teacher", value: 0.9183 }]}
          format={percent}
          sync="job"
          range={range}
          onRange={setRange}
        />
        <LineChart label="Gaps" note="null where it was no number" lines={gaps} log />
        <LineChart label="Eight jobs" lines={many} format={percent} />
        <LineChart label="Terms of the loss" note="stacked" lines={loss} stacked />
        <LineChart label="One point" lines={one} format={percent} />
        <LineChart
          label="Nothing yet"
          lines={[]}
          empty="The first point comes after the first epoch."
        />
        <LineChart
          label="Far references"
          lines={accuracy}
          references={[
            { label: "goal", value: 0.95, colour: "int8" },
            { label: "chance", value: 0.1 },
          ]}
          format={(value) => points(value)}
        />
      </div>
    </Section>
  );
}

function lossLines(range: Range | null) {
  return ["train/loss", "train/loss/kd", "train/loss/ce"].map((label, place) => {
    const whole = { id: label, label, ...sampleCurve(place + 1, STEPS, 2000, 3 - place, 0.1) };
    if (range === null) return whole;
    const all = sampleCurve(place + 1, STEPS, STEPS + 1, 3 - place, 0.1);
    const from = Math.max(0, Math.round(range.from));
    const to = Math.min(STEPS, Math.round(range.to));
    const every = Math.max(1, Math.floor((to - from) / 2000));
    const kept = (_: unknown, at: number) => at % every === 0;
    return withFiner(whole, {
      steps: all.steps.slice(from, to + 1).filter(kept),
      values: all.values.slice(from, to + 1).filter(kept),
    });
  });
}

function linesWithGaps() {
  const { steps, values } = sampleCurve(9, 4000, 200, 40, 0.002);
  return [
    {
      id: "gap",
      label: "train/grad_norm",
      steps,
      values: values.map((value, at) => (at > 80 && at < 110 ? null : value)),
    },
  ];
}

function manyLines() {
  return Array.from({ length: 8 }, (_, place) => ({
    id: `job_${place}`,
    label: place === 3 ? LONG_NAME : `resnet20-seed${place}`,
    ...sampleCurve(place + 20, 8000 - place * 300, 60 + place * 7, 0.1, 0.6 + place * 0.04),
  }));
}
