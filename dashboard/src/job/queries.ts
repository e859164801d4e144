/** What the Job screen asks the service for. */
import { useQuery } from "@tanstack/react-query";
import { type Api, bodyOf } from "@/api/client";
import { askedOnce, polled, waiting, waitingPace } from "@/api/polling";
import type { Artifact, ArtifactList, Job, JobPage, JobVerdict } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";
import { type Report, reportIn } from "@/job/report";
import { isOver } from "@/job/states";
import { useApi } from "@/session/session";

export const jobKey = (jobId: string) => ["job", jobId] as const;

const ALONE = waitingPace<Job>(isOver);
// Curves and logs are asked for besides: all of it together stays below 20 requests a minute.
const BESIDE_OTHERS = waitingPace<Job>(isOver, 10_000);

export function useJob(jobId: string, besideOthers = false) {
  const api = useApi();
  return useQuery(
    polled<Job>({
      queryKey: jobKey(jobId),
      ask: async (seen, signal) =>
        answerOf(
          await api.GET("/v1/jobs/{job_id}", {
            params: {
              path: { job_id: jobId },
              header: { ...waiting, ...ifNoneMatch(seen) },
            },
            signal,
          }),
        ),
      pace: besideOthers ? BESIDE_OTHERS : ALONE,
    }),
  );
}

/** Another job, to hold this one against: as it is now. */
export function useOtherJob(jobId: string | null) {
  const api = useApi();
  return useQuery({
    ...polled<Job>({
      queryKey: [...jobKey(jobId ?? ""), "other"],
      ask: async (seen, signal) =>
        answerOf(
          await api.GET("/v1/jobs/{job_id}", {
            params: { path: { job_id: jobId ?? "" }, header: ifNoneMatch(seen) },
            signal,
          }),
        ),
      pace: askedOnce,
    }),
    enabled: jobId !== null,
  });
}

/** The newest jobs, to choose one from. */
export function useNewestJobs(enabled: boolean) {
  const api = useApi();
  return useQuery({
    ...polled<JobPage>({
      queryKey: ["jobs", "newest"],
      ask: async (seen, signal) =>
        answerOf(
          await api.GET("/v1/jobs", {
            params: { query: { limit: 100 }, header: ifNoneMatch(seen) },
            signal,
          }),
        ),
      pace: askedOnce,
    }),
    enabled,
  });
}

/** The gates: pending before the job is over, so asked for again when it is. */
export function useVerdict(job: Job) {
  const api = useApi();
  return useQuery(
    polled<JobVerdict>({
      queryKey: [...jobKey(job.id), "verdict", isOver(job)],
      ask: async (seen, signal) =>
        answerOf(
          await api.GET("/v1/jobs/{job_id}/verdict", {
            params: { path: { job_id: job.id }, header: ifNoneMatch(seen) },
            signal,
          }),
        ),
      pace: askedOnce,
    }),
  );
}

/** They appear together with the end of a job. */
export function useArtifacts(job: Job) {
  const api = useApi();
  return useQuery({
    queryKey: [...jobKey(job.id), "artifacts", isOver(job)],
    queryFn: ({ signal }) => artifactsOf(api, job.id, signal),
    staleTime: isOver(job) ? Number.POSITIVE_INFINITY : 0,
  });
}

/** What a job has measured; there is nothing to ask for before it has succeeded. */
export function useReport(job: Job) {
  const api = useApi();
  return useQuery({
    queryKey: [...jobKey(job.id), "report"],
    queryFn: ({ signal }) => reportOf(api, job.id, signal),
    enabled: job.state === "succeeded",
    // A report is never written again.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function artifactsOf(api: Api, jobId: string, signal: AbortSignal): Promise<Artifact[]> {
  const told: ArtifactList = bodyOf(
    await api.GET("/v1/jobs/{job_id}/artifacts", { params: { path: { job_id: jobId } }, signal }),
  );
  return told.data;
}

async function reportOf(api: Api, jobId: string, signal: AbortSignal): Promise<Report | null> {
  const artifacts = await artifactsOf(api, jobId, signal);
  const found = artifacts.find(({ path }) => path === "report.json");
  if (found === undefined) return null;
  const document: unknown = bodyOf(
    await api.GET("/v1/artifacts/{artifact_id}/content", {
      params: { path: { artifact_id: found.id } },
      parseAs: "json",
      signal,
    }),
  );
  return reportIn(document);
}
