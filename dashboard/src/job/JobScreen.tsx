import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { JobHeader } from "@/job/header/JobHeader";
import { Verbs } from "@/job/header/Verbs";
import { Overview } from "@/job/overview/Overview";
import { useJob } from "@/job/queries";
import type { JobTab } from "@/job/search";
import { Anchor } from "@/look/Anchor";
import { Empty } from "@/look/Empty";
import { Notice } from "@/look/Notice";
import { Page } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { Tabs } from "@/look/Tabs";

const TRAIL = [{ title: "Jobs", to: "/jobs" }];

export function JobScreen() {
  const { jobId } = useParams({ from: "/jobs/$jobId" });
  const { tab = "overview" } = useSearch({ from: "/jobs/$jobId" });
  const { data: job, error } = useJob(jobId, tab === "curves" || tab === "events");
  if (job !== undefined) return <ThisJob job={job} tab={tab} />;
  if (error === null) return <Waiting />;
  const problem = asProblem(error);
  return (
    <Page title={problem.status === 404 ? "No such job" : "Job"} trail={TRAIL}>
      {problem.status === 404 ? (
        <Empty title="There is no job of this id" action={<Anchor to="/jobs">All jobs</Anchor>}>
          It may be of another project than your key, or gone from the trash.
        </Empty>
      ) : (
        <Notice tone="bad" title={problem.title} hint={problem.hint}>
          {problem.detail}
        </Notice>
      )}
    </Page>
  );
}

function ThisJob({ job, tab }: { job: Job; tab: JobTab }) {
  const navigate = useNavigate({ from: "/jobs/$jobId" });
  const tabs = TABS_OF_ALL.filter(({ id }) => id !== "diagnosis" || job.state === "succeeded");
  return (
    <Page title={job.name} trail={TRAIL} actions={<Verbs job={job} />}>
      <JobHeader job={job} />
      <Tabs
        label="About this job"
        tabs={tabs}
        current={tab}
        onChange={(next) => {
          const found = tabs.find(({ id }) => id === next);
          if (found) void navigate({ search: { tab: found.id }, replace: true });
        }}
      >
        <Suspense fallback={<Skeleton lines={8} />}>
          <Panel job={job} tab={tab} />
        </Suspense>
      </Tabs>
    </Page>
  );
}

const TABS_OF_ALL: readonly { id: JobTab; title: string }[] = [
  { id: "overview", title: "Overview" },
];

function Panel({ job }: { job: Job; tab: JobTab }): ReactNode {
  return <Overview job={job} />;
}

/** The same heights as what comes, so that nothing jumps. */
function Waiting() {
  return (
    <Page title={<Skeleton width={240} height={22} />} trail={TRAIL}>
      <Skeleton width="60%" height={22} />
      <Skeleton height={34} />
      <Skeleton lines={10} />
    </Page>
  );
}
