import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { ButtonLink } from "@/app/ButtonLink";
import { Refused } from "@/app/Refused";
import { Chosen } from "@/jobs/Chosen";
import { Confirm } from "@/jobs/Confirm";
import { columnsOf } from "@/jobs/columns";
import { type Changes, Filters } from "@/jobs/Filters";
import styles from "@/jobs/jobs.module.css";
import { NoJobs, NoMatch } from "@/jobs/NoJobs";
import { useJobs, useModelNames, usePlaces } from "@/jobs/queries";
import { jobsSearch, sortedBy } from "@/jobs/search";
import { type Doing, isFinal, useVerbs } from "@/jobs/verbs";
import { Button } from "@/look/Button";
import { PlusIcon } from "@/look/icons";
import { Notice } from "@/look/Notice";
import { Page } from "@/look/Page";
import { Table } from "@/look/Table";

const route = getRouteApi("/jobs");

export function JobsScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const jobs = useJobs(search);
  const models = useModelNames(jobs.rows);
  const places = usePlaces(jobs.rows);
  const verbs = useVerbs();
  const [asked, setAsked] = useState<Doing | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());

  const change = useCallback(
    (changes: Changes) =>
      void navigate({ search: (now) => jobsSearch({ ...now, ...changes }), replace: true }),
    [navigate],
  );
  const columns = columnsOf({
    models,
    places,
    onVerb: (verb, job) => (isFinal(verb) ? setAsked({ verb, job }) : verbs.mutate({ verb, job })),
  });
  const sort = search.sort ?? "-created_at";
  const isFiltered = Object.keys(search).some((name) => name !== "sort");
  const clear = () => void navigate({ search: {}, replace: true });

  return (
    <Page
      title="Jobs"
      actions={
        <>
          <Chosen ids={selected} onClear={() => setSelected(new Set())} />
          <ButtonLink to="/new" kind="primary">
            <PlusIcon /> New job
          </ButtonLink>
        </>
      }
    >
      <div className={styles.list}>
        <Filters search={search} onChange={change} />
        {jobs.error && jobs.data === undefined ? (
          <Refused problem={asProblem(jobs.error)} onAgain={() => void jobs.refetch()} />
        ) : (
          <Table<Job>
            label="Jobs"
            rows={jobs.rows}
            columns={columns}
            keyOf={(job) => job.id}
            hrefOf={(job) => `/jobs/${job.id}`}
            sort={{ by: sort.replace("-", ""), descending: sort.startsWith("-") }}
            onSort={(by) => change({ sort: sortedBy(by, search.sort) })}
            selected={selected}
            onSelect={setSelected}
            loading={jobs.isPending || jobs.more.isPending}
            onEnd={jobs.loadMore}
            empty={
              isFiltered ? <NoMatch isTrash={search.trash ?? false} onClear={clear} /> : <NoJobs />
            }
          />
        )}
        {jobs.more.isError && (
          <Notice
            tone="warn"
            title="The rows after these could not be loaded"
            hint={asProblem(jobs.more.error).wayOut}
            action={
              <Button size="small" onClick={jobs.loadMore}>
                Try again
              </Button>
            }
          />
        )}
      </div>
      <Confirm
        asked={asked}
        onNo={() => setAsked(null)}
        onYes={(doing) => {
          setAsked(null);
          verbs.mutate(doing);
        }}
      />
    </Page>
  );
}
