import { useMemo, useRef } from "react";
import { ChartFrame } from "@/charts/ChartFrame";
import { asCss } from "@/charts/colours";
import { useWidth } from "@/charts/width";
import type { Diagnosis, Report } from "@/job/report";
import { percent } from "@/look/format";
import { Section } from "@/look/Page";
import styles from "./Calibration.module.css";
import { CalibrationTable } from "./CalibrationTable";
import { alike, calibrationError, sameCalibration, styleOf } from "./models";
import { type Curve, Reliability, SHAPES } from "./Reliability";

const HIGHEST = 420;

/** Whether the models are right as often as they believe to be. */
export function Calibration({ report, diagnosis }: { report: Report; diagnosis: Diagnosis }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, HIGHEST);
  const groups = useMemo(() => alike(diagnosis.models ?? [], sameCalibration), [diagnosis.models]);
  const curves = groups.map(
    ({ model }, place): Curve => ({
      ...styleOf(model.name, place),
      name: model.name,
      bins: model.calibration,
    }),
  );
  return (
    <Section
      title="Calibration"
      note="On the dashed line a model that is sure to 80% is right in 80% of the cases; below it, it is too sure. A larger mark stands for more samples. ECE is the mean distance."
    >
      <ChartFrame
        label="Share of right answers against confidence"
        table={<CalibrationTable curves={curves} />}
      >
        <div className={styles.both}>
          <div ref={box} className={styles.box}>
            <Reliability curves={curves} size={Math.min(width, HIGHEST)} />
          </div>
          <ul className={styles.legend}>
            {curves.map(({ name, colour, shape }) => (
              <li key={name} className={styles.entry}>
                <svg width="14" height="14" viewBox="-8 -8 16 16" aria-hidden="true">
                  <path d={SHAPES[shape]} fill={asCss(colour)} />
                </svg>
                <span className={styles.name} title={name}>
                  {name}
                </span>
                <span>ECE {percent(calibrationError(report, name))}</span>
              </li>
            ))}
            {groups
              .filter(({ others }) => others.length > 0)
              .map(({ model, others }) => (
                <li key={`as ${model.name}`} className={styles.same}>
                  {others.join(", ")}: the same as {model.name}.
                </li>
              ))}
          </ul>
        </div>
      </ChartFrame>
    </Section>
  );
}
