/** What the Job screen asks the service for. */
import { useQuery } from "@tanstack/react-query";
import { askedOnce, polled } from "@/api/polling";
import type { Job, JobPage, JobVerdict, Report } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";
import { BESIDE_OTHERS, isOver, jobKey, jobQuery } from "@/jobs/job";
import { useApi } from "@/session/session";

/** `besideOthers`: something else of the job is asked for again and again, too. */
export function useJob(jobId: string, besideOthers = false) {
  const api = useApi();
  return useQuery(besideOthers ? jobQuery(api, jobId, BESIDE_OTHERS) : jobQuery(api, jobId));
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
export function useNewestJobs() {
  const api = useApi();
  return useQuery(
    polled<JobPage>({
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
  );
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

/** What a job has measured; there is nothing to ask for before it has succeeded. */
export function useReport(job: Job) {
  const api = useApi();
  return useQuery({
    ...polled<Report>({
      queryKey: [...jobKey(job.id), "report"],
      ask: async (seen, signal) =>
        answerOf(
          await api.GET("/v1/jobs/{job_id}/report", {
            params: { path: { job_id: job.id }, header: ifNoneMatch(seen) },
            signal,
          }),
        ),
      pace: askedOnce,
    }),
    enabled: job.state === "succeeded",
    // A report is never written again.
    staleTime: Number.POSITIVE_INFINITY,
  });
}
