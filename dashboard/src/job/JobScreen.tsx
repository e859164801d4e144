import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { JobHeader } from "@/job/header/JobHeader";
import { Verbs } from "@/job/header/Verbs";
import { Overview } from "@/job/overview/Overview";
import { useJob, useReport } from "@/job/queries";
import type { JobTab } from "@/job/search";
import { Anchor } from "@/look/Anchor";
import { Empty } from "@/look/Empty";
import { Page } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { Tabs } from "@/look/Tabs";

// Most who open a job look at its overview alone.
const CurvesTab = lazy(async () => ({
  default: (await import("@/job/curves/CurvesTab")).CurvesTab,
}));
const DiagnosisTab = lazy(async () => ({
  default: (await import("@/job/diagnosis/DiagnosisTab")).DiagnosisTab,
}));
const EventsTab = lazy(async () => ({
  default: (await import("@/job/events/EventsTab")).EventsTab,
}));
const ArtifactsTab = lazy(async () => ({
  default: (await import("@/job/artifacts/ArtifactsTab")).ArtifactsTab,
}));
const SpecTab = lazy(async () => ({ default: (await import("@/job/spec/SpecTab")).SpecTab }));

const TRAIL = [{ title: "Jobs", to: "/jobs" }];

export function JobScreen() {
  const { jobId } = useParams({ from: "/jobs/$jobId" });
  const { tab = "overview" } = useSearch({ from: "/jobs/$jobId" });
  const { data: job, error, refetch } = useJob(jobId, tab === "curves" || tab === "events");
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
        <Refused problem={problem} onAgain={() => void refetch()} />
      )}
    </Page>
  );
}

function ThisJob({ job, tab }: { job: Job; tab: JobTab }) {
  const navigate = useNavigate({ from: "/jobs/$jobId" });
  return (
    <Page title={job.name} trail={TRAIL} actions={<Verbs job={job} />}>
      <JobHeader job={job} />
      <Tabs
        label="About this job"
        tabs={TABS}
        current={tab}
        onChange={(next) => {
          const found = TABS.find(({ id }) => id === next);
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

const TABS: readonly { id: JobTab; title: string }[] = [
  { id: "overview", title: "Overview" },
  { id: "curves", title: "Curves" },
  { id: "diagnosis", title: "Diagnosis" },
  { id: "events", title: "Events and logs" },
  { id: "artifacts", title: "Artifacts" },
  { id: "spec", title: "Spec" },
];

function Panel({ job, tab }: { job: Job; tab: JobTab }): ReactNode {
  switch (tab) {
    case "overview":
      return <Overview job={job} />;
    case "curves":
      return <CurvesTab key={job.id} job={job} />;
    case "diagnosis":
      return <WithReport job={job} />;
    case "events":
      return <EventsTab key={job.id} job={job} />;
    case "artifacts":
      return <ArtifactsTab job={job} />;
    case "spec":
      return <SpecTab key={job.id} job={job} />;
  }
}

function WithReport({ job }: { job: Job }) {
  const { data, error, refetch } = useReport(job);
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return <DiagnosisTab job={job} report={data} />;
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
