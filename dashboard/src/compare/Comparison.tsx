import { useState } from "react";
import { Curves } from "@/compare/Curves";
import styles from "@/compare/compare.module.css";
import { type Compared, isKnown } from "@/compare/compared";
import { Differences } from "@/compare/Differences";
import { Missing } from "@/compare/Missing";
import { Picker } from "@/compare/Picker";
import type { Cost } from "@/compare/points";
import { useCompared } from "@/compare/queries";
import { Results } from "@/compare/Results";
import { JOBS_AT_MOST } from "@/compare/search";
import { Worth } from "@/compare/Worth";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { PlusIcon } from "@/look/icons";
import { Page, Section } from "@/look/Page";
import { useMay } from "@/session/session";

interface ComparisonProps {
  ids: readonly string[];
  onIds: (ids: readonly string[]) => void;
  cost: Cost;
  onCost: (cost: Cost) => void;
  onOpen: (jobId: string) => void;
}

export function Comparison({ ids, onIds, ...plot }: ComparisonProps) {
  const [picking, setPicking] = useState(false);
  const choose = ids.length > 0 && (
    <Button onClick={() => setPicking(true)}>
      <PlusIcon /> {ids.length < JOBS_AT_MOST ? "Add jobs" : "Change jobs"}
    </Button>
  );
  return (
    <Page title="Compare" actions={choose}>
      {ids.length === 0 ? (
        <Section title="Which jobs?" note="Two to eight of them, side by side.">
          <div className={styles.first}>
            <Picker chosen={ids} onChosen={onIds} />
          </div>
        </Section>
      ) : (
        <SideBySide ids={ids} onIds={onIds} {...plot} />
      )}
      <Dialog
        title="Jobs to compare"
        open={picking}
        onClose={() => setPicking(false)}
        footer={
          <Button kind="primary" onClick={() => setPicking(false)}>
            Done
          </Button>
        }
      >
        <Picker chosen={ids} onChosen={onIds} />
      </Dialog>
    </Page>
  );
}

function SideBySide({ ids, onIds, cost, onCost, onOpen }: ComparisonProps) {
  const jobs = useCompared(ids);
  const may = useMay("artifacts:read");
  const known = jobs.filter(isKnown);
  const waiting = jobs.some(({ job, problem }) => job === null && problem === null);
  const remove = (id: string) => onIds(ids.filter((other) => other !== id));
  return (
    <>
      <Missing jobs={jobs} onRemove={remove} />
      {(known.length > 0 || waiting) && (
        <>
          <Results jobs={known} waiting={waiting} onRemove={remove} />
          <Curves jobs={known} />
          <Worth
            jobs={known}
            cost={cost}
            onCost={onCost}
            onOpen={onOpen}
            empty={may ? noPoints(known) : "This key may not read reports (artifacts:read)."}
          />
          <Differences jobs={known} />
        </>
      )}
    </>
  );
}

function noPoints(jobs: readonly Compared[]): string {
  return jobs.some(({ report }) => report !== null)
    ? "Nothing of this was measured."
    : "A job has its points once it has succeeded.";
}
