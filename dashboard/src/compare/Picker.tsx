import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import styles from "@/compare/compare.module.css";
import { useFoundJobs } from "@/compare/queries";
import { JOBS_AT_MOST } from "@/compare/search";
import { Empty } from "@/look/Empty";
import { Field } from "@/look/Field";
import { Checkbox, described, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { Relative } from "@/look/Relative";
import { Skeleton } from "@/look/Skeleton";
import { StateChip } from "@/look/StateChip";
import { useSettled } from "@/new-job/useSettled";

const SETTLED_MS = 300;

interface PickerProps {
  chosen: readonly string[];
  onChosen: (ids: readonly string[]) => void;
}

/** Jobs by their name; a tick puts one into the comparison at once. */
export function Picker({ chosen, onChosen }: PickerProps) {
  const [name, setName] = useState("");
  const found = useFoundJobs(useSettled(name.trim(), SETTLED_MS));
  const isFull = chosen.length >= JOBS_AT_MOST;
  return (
    <div className={styles.picker}>
      <Field
        label="Search jobs"
        help={
          isFull
            ? `${JOBS_AT_MOST} jobs are as many as can be told apart. Take one out first.`
            : `${chosen.length} of at most ${JOBS_AT_MOST} chosen; the newest are listed first.`
        }
      >
        {(ids) => (
          <TextInput
            {...described(ids)}
            type="search"
            placeholder="a part of the name"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      {found.isError && <Failed error={found.error} />}
      {found.isPending && <Skeleton lines={6} height={24} />}
      {found.data && (
        <Found
          jobs={found.data.data}
          searched={name.trim() !== ""}
          chosen={chosen}
          isFull={isFull}
          onChosen={onChosen}
        />
      )}
    </div>
  );
}

interface FoundProps extends PickerProps {
  jobs: readonly Job[];
  searched: boolean;
  isFull: boolean;
}

function Found({ jobs, searched, chosen, isFull, onChosen }: FoundProps) {
  if (jobs.length === 0) {
    return (
      <Empty title={searched ? "No job is called so" : "There are no jobs yet"}>
        {searched ? "Search for a shorter part of the name." : <code>still demo</code>}
      </Empty>
    );
  }
  return (
    <ul className={styles.found}>
      {jobs.map((job) => {
        const isChosen = chosen.includes(job.id);
        return (
          <li key={job.id} className={styles.option}>
            <Checkbox
              label={<span title={job.name}>{job.name}</span>}
              checked={isChosen}
              disabled={isFull && !isChosen}
              onChange={() =>
                onChosen(isChosen ? chosen.filter((id) => id !== job.id) : [...chosen, job.id])
              }
            />
            <span className={styles.about}>
              <StateChip state={job.state} phase={job.phase} />
              <Relative at={job.created_at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Failed({ error }: { error: unknown }) {
  const problem = asProblem(error);
  return <Notice tone="bad" title={problem.title} hint={problem.hint} />;
}
