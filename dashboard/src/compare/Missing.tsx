import type { ApiProblem } from "@/api/problem";
import styles from "@/compare/compare.module.css";
import { type Compared, isKnown, type Known } from "@/compare/compared";
import { useTrashed } from "@/compare/queries";
import { Anchor } from "@/look/Anchor";
import { Button } from "@/look/Button";
import { Notice } from "@/look/Notice";

interface MissingProps {
  jobs: readonly Compared[];
  onRemove: (id: string) => void;
}

/** The jobs that there is nothing, or less, to show of: which, why, and what can be done. */
export function Missing({ jobs, onRemove }: MissingProps) {
  const absent = jobs.filter(({ job, problem }) => job === null && problem !== null);
  const trashed = useTrashed(
    absent.filter(({ problem }) => problem?.status === 404).map(({ id }) => id),
  );
  const bare = jobs.filter(isKnown).filter((job) => reasonOf(job) !== null);
  if (absent.length === 0 && bare.length === 0) return null;
  return (
    <div className={styles.notices}>
      {absent.map(({ id, problem }) => (
        <Notice
          key={id}
          tone="warn"
          {...wordsOn(id, problem, trashed.get(id))}
          action={
            <Button size="small" onClick={() => onRemove(id)}>
              Take it out
            </Button>
          }
        />
      ))}
      {bare.length > 0 && <Unmeasured jobs={bare} />}
    </div>
  );
}

function wordsOn(id: string, problem: ApiProblem | null, trashed: string | undefined) {
  if (trashed !== undefined) {
    return { title: `${trashed} was deleted`, hint: "Restore it from the trash of the jobs." };
  }
  switch (problem?.status) {
    case 404:
      return {
        title: `There is no job ${id}`,
        hint: "It is of a project that this key does not see, was deleted for good, or never was.",
      };
    case 403:
      return { title: `This key may not see ${id}`, hint: problem.hint };
    default:
      return { title: `${id}: ${problem?.title}`, hint: problem?.hint };
  }
}

function Unmeasured({ jobs }: { jobs: readonly Known[] }) {
  return (
    <Notice tone="info" title="Not everything is measured">
      <ul className={styles.reasons}>
        {jobs.map((compared) => (
          <li key={compared.id}>
            <Anchor to={`/jobs/${compared.id}`} className={styles.reason} title={compared.job.name}>
              {compared.job.name}
            </Anchor>
            <span>{reasonOf(compared)}</span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function reasonOf({ job, noReport }: Known): string | null {
  switch (job.state) {
    case "succeeded":
      return noReport;
    case "failed":
    case "cancelled":
    case "expired":
      return `${job.state}: there is no report, only what it drew before.`;
    default:
      return `${job.state}: its numbers are those of its last epoch.`;
  }
}
