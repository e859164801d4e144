import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { useNewestJobs, useOtherJob } from "@/job/queries";
import { Anchor } from "@/look/Anchor";
import { classes } from "@/look/classes";
import { Empty } from "@/look/Empty";
import { Field } from "@/look/Field";
import { MinusIcon, PlusIcon, RightIcon } from "@/look/icons";
import { described, Select } from "@/look/inputs";
import { Skeleton } from "@/look/Skeleton";
import { differencesOf, type Place } from "./differences";
import styles from "./SpecTab.module.css";
import { yamlOf } from "./yaml";

/** Against the parent, unless somebody chooses another. */
export function Against({ job }: { job: Job }) {
  const [otherId, setOtherId] = useState(job.parent_id);
  const newest = useNewestJobs();
  const other = useOtherJob(otherId);
  const choices = newest.data?.data.filter(({ id }) => id !== job.id) ?? [];
  const isListed = choices.some(({ id }) => id === otherId);
  return (
    <>
      <Field label="Held against">
        {(ids) => (
          <Select
            {...described(ids)}
            className={styles.choice}
            value={otherId ?? ""}
            onChange={({ target }) => setOtherId(target.value || null)}
          >
            <option value="">Choose a job…</option>
            {otherId !== null && !isListed && (
              <option value={otherId}>{other.data?.name ?? otherId}</option>
            )}
            {choices.map(({ id, name }) => (
              <option key={id} value={id}>
                {id === job.parent_id ? `${name} (its parent)` : name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {otherId === null ? (
        <Empty title="Choose the job to hold this one against" />
      ) : other.data !== undefined ? (
        <Differences job={job} other={other.data} />
      ) : other.error !== null ? (
        <Refused problem={asProblem(other.error)} onAgain={() => void other.refetch()} />
      ) : (
        <Skeleton lines={6} />
      )}
    </>
  );
}

function Differences({ job, other }: { job: Job; other: Job }) {
  const places = differencesOf(other.resolved, job.resolved);
  if (places.length === 0) return <Empty title="They ask for the same" />;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col" title={other.name}>
              <Anchor to={`/jobs/${other.id}`}>{other.name}</Anchor>
            </th>
            <th scope="col" title={job.name}>
              {job.name}
            </th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <One key={place.path} place={place} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SIGNS = {
  changed: <RightIcon size={12} />,
  added: <PlusIcon size={12} />,
  removed: <MinusIcon size={12} />,
};

function One({ place: { path, kind, before, now } }: { place: Place }) {
  return (
    <tr>
      <th scope="row">
        <span className={styles.where} title={kind}>
          {SIGNS[kind]}
          <code>{path}</code>
          <span className="unseen">{kind}</span>
        </span>
      </th>
      <td className={classes(kind !== "added" && styles.before)}>
        <code>{kind === "added" ? "–" : yamlOf(before).trim()}</code>
      </td>
      <td className={classes(kind !== "removed" && styles.now)}>
        <code>{kind === "removed" ? "–" : yamlOf(now).trim()}</code>
      </td>
    </tr>
  );
}
