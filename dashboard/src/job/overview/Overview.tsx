import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { useReport } from "@/job/queries";
import type { OnTest } from "@/job/report";
import { isOver } from "@/jobs/job";
import { count, percent, points } from "@/look/format";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { Attempts } from "./Attempts";
import { Figures, gainSaid } from "./Figures";
import { Gates } from "./Gates";
import { ModelsTable } from "./ModelsTable";
import styles from "./Overview.module.css";
import { SoFarTable } from "./SoFarTable";

export function Overview({ job }: { job: Job }) {
  return (
    <div className={styles.overview}>
      {job.state === "succeeded" ? <Results job={job} /> : <SoFarTable job={job} />}
      <div className={styles.pair}>
        <Gates job={job} />
        <Attempts job={job} />
      </div>
      {isOver(job) || job.attempts.length > 0 ? null : (
        <p className={styles.soft}>Numbers appear here as soon as a worker trains.</p>
      )}
    </div>
  );
}

function Results({ job }: { job: Job }) {
  const { data: report, error, refetch } = useReport(job);
  if (error !== null) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  if (report === undefined) return <WaitingResults />;
  return (
    <>
      <Figures report={report} />
      <Section title="Models" note="Of the same validation samples, which training never saw.">
        <ModelsTable report={report} />
      </Section>
      {report.test && <TestSplit test={report.test} />}
    </>
  );
}

function TestSplit({ test }: { test: OnTest }) {
  const top1s = [
    ["student", test.student.top1],
    ["teacher", test.teacher?.top1],
    ["baseline", test.baseline?.top1],
  ] as const;
  return (
    <Section
      title="On the test split"
      note={`Looked at once, when nothing was left to choose: ${count(test.samples)} samples.`}
    >
      <p className={styles.figures}>
        {top1s.map(
          ([name, top1]) =>
            top1 != null && (
              <span key={name}>
                {name} <strong>{percent(top1)}</strong>
              </span>
            ),
        )}
        {test.kd_gain && (
          <span>
            the teacher brought <strong>{points(test.kd_gain.top1)} points</strong> (
            {gainSaid(test.kd_gain)})
          </span>
        )}
      </p>
    </Section>
  );
}

function WaitingResults() {
  return (
    <>
      <Skeleton height={98} />
      <Skeleton height={262} />
    </>
  );
}
