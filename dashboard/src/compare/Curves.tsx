import { useMemo, useState } from "react";
import { LineChart } from "@/charts/LineChart";
import type { ReferenceLine } from "@/charts/lines";
import styles from "@/compare/compare.module.css";
import { type Known, resultOf } from "@/compare/compared";
import {
  type Along,
  CURVE_NAMES,
  CURVES,
  type CurveName,
  hasPoints,
  linesOf,
} from "@/compare/curves";
import { number, percent } from "@/look/format";
import { Segments } from "@/look/inputs";
import { Section } from "@/look/Page";

const ALONG = [
  { value: "epoch", title: "By epoch" },
  { value: "step", title: "By step" },
] as const;

/** The same curve of every job, in one chart. */
export function Curves({ jobs }: { jobs: readonly Known[] }) {
  const [along, setAlong] = useState<Along>("epoch");
  return (
    <Section
      title="Curves"
      actions={<Segments label="Along" options={ALONG} value={along} onChange={setAlong} />}
    >
      <div className={styles.charts}>
        {CURVE_NAMES.filter((name) => isWanted(jobs, name)).map((name) => (
          // Epochs and steps have no stretch in common, so a zoom does not outlive the change.
          <Curve key={`${name} ${along}`} jobs={jobs} name={name} along={along} />
        ))}
      </div>
    </Section>
  );
}

interface CurveProps {
  jobs: readonly Known[];
  name: CurveName;
  along: Along;
}

function Curve({ jobs, name, along }: CurveProps) {
  const lines = useMemo(() => linesOf(jobs, name, along), [jobs, name, along]);
  return (
    <LineChart
      label={CURVES[name]}
      lines={lines}
      references={name === "val/top1" ? teachersOf(jobs) : undefined}
      format={name === "val/loss" ? number : percent}
      stepName={along}
      sync={`compare ${along}`}
      height={260}
      empty="No job has finished an epoch yet."
    />
  );
}

/** A teacher that all have in common, or none: a line for each would say nothing. */
function teachersOf(jobs: readonly Known[]): readonly ReferenceLine[] {
  const known = jobs.map((job) => resultOf(job).teacher).filter((value) => value !== null);
  const [value, ...others] = new Set(known);
  if (value === undefined || others.length > 0) return [];
  return [{ label: "teacher", value }];
}

/** Accuracy and loss always; agreement where data without labels leaves nothing else. */
function isWanted(jobs: readonly Known[], name: CurveName): boolean {
  if (name !== "val/agreement") return true;
  return jobs.some(
    (job) =>
      !hasPoints(linesOf([job], "val/top1", "step")) &&
      hasPoints(linesOf([job], "val/agreement", "step")),
  );
}
