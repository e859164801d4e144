import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { isOver } from "@/jobs/job";
import { Button } from "@/look/Button";
import { Empty } from "@/look/Empty";
import { Select } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { Relative } from "@/look/Relative";
import { Skeleton } from "@/look/Skeleton";
import { Charts } from "./Charts";
import styles from "./CurvesTab.module.css";
import { trainingsIn, trainingTitle } from "./names";
import { useCurves } from "./queries";
import { firstSeedOf } from "./terms";

export function CurvesTab({ job }: { job: Job }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const trainings = trainingsIn(Object.keys(job.last));
  const training = chosen ?? trainings[0];
  if (training === undefined) return <NoCurves job={job} />;
  return (
    <div className={styles.tab}>
      {trainings.length > 1 && (
        <Choice
          {...{ trainings, training }}
          firstSeed={firstSeedOf(job.resolved)}
          onChoose={setChosen}
        />
      )}
      <Training key={training} job={job} training={training} />
    </div>
  );
}

interface ChoiceProps {
  trainings: readonly string[];
  training: string;
  firstSeed: number | null;
  onChoose: (training: string) => void;
}

function Choice({ trainings, training, firstSeed, onChoose }: ChoiceProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={styles.chosen}>
      Curves of
      <Select value={training} onChange={(event) => onChoose(event.target.value)}>
        {trainings.map((one) => (
          <option key={one} value={one}>
            {trainingTitle(one, firstSeed)}
          </option>
        ))}
      </Select>
    </label>
  );
}

function Training({ job, training }: { job: Job; training: string }) {
  const { data, error, isFetching, dataUpdatedAt, refetch } = useCurves(job, training);
  const again = (
    <Button size="small" busy={isFetching} onClick={() => refetch()}>
      Ask again
    </Button>
  );
  if (data === undefined) {
    if (error === null) return <Waiting />;
    const { title, detail, hint } = asProblem(error);
    return (
      <Notice tone="bad" title={`The curves cannot be shown: ${title}`} hint={hint} action={again}>
        {detail}
      </Notice>
    );
  }
  return (
    <>
      {error !== null && (
        <Notice
          tone="warn"
          title={`These curves are not up to date: ${asProblem(error).title}`}
          hint={asProblem(error).hint}
          action={again}
        >
          They are from <Relative at={new Date(dataUpdatedAt).toISOString()} />. They go on as soon
          as the service answers.
        </Notice>
      )}
      <Charts job={job} training={training} curves={data} />
    </>
  );
}

const CHARTS = ["accuracy", "loss", "terms", "rate"];

function Waiting() {
  return (
    <div className={styles.grid} aria-busy="true">
      <span className="unseen" role="status">
        The curves are being fetched.
      </span>
      {CHARTS.map((chart) => (
        <div key={chart} className={styles.waiting}>
          <Skeleton height={290} />
        </div>
      ))}
    </div>
  );
}

function NoCurves({ job }: { job: Job }) {
  if (isOver(job)) {
    return (
      <Empty title="No curves">
        The job was over before it had trained. Its events and its log say how far it came.
      </Empty>
    );
  }
  return (
    <Empty title="No points yet">
      {job.state === "queued"
        ? "The job waits in the queue. Curves begin with the first steps of training."
        : "Curves begin with the first steps of training, and are drawn here as they come."}
    </Empty>
  );
}
