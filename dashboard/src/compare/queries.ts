/** What the comparison asks the service for: only what is not over is asked again. */
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Api, bodyOf } from "@/api/client";
import { askedOnce, curvePace, listPace, polled } from "@/api/polling";
import { asProblem } from "@/api/problem";
import type { Job, JobPage, JobVerdict, Metrics, Report } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";
import type { Compared } from "@/compare/compared";
import { CURVE_NAMES } from "@/compare/curves";
import { type Lane, openLane } from "@/compare/lane";
import { isActive, isOver, jobKey, newer } from "@/jobs/job";
import { useApi, useMay } from "@/session/session";

const POINTS_AT_MOST = 300;
const FOUND_AT_MOST = 50;
const FOREVER = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } as const;
const whileActive = listPace(isActive);

/** Not by long poll, as on a job's own screen: eight held requests are more than a browser has. */
function jobQuery(api: Api, lane: Lane, id: string) {
  return polled<Job>({
    queryKey: jobKey(id),
    ask: (seen, signal) => {
      const params = { path: { job_id: id }, header: ifNoneMatch(seen) };
      const ask = async () => answerOf(await api.GET("/v1/jobs/{job_id}", { params, signal }));
      return seen === undefined ? ask() : lane(ask);
    },
    join: newer,
    pace: (told) => !isOver(told.data) && whileActive(told),
  });
}

function curvesQuery(api: Api, lane: Lane, id: string, job: Job | undefined) {
  const over = job !== undefined && isOver(job);
  return {
    ...polled<Metrics>({
      // Over or not: what was added last is asked for once more when there will be nothing else.
      queryKey: ["compare", "curves", id, over],
      ask: (seen, signal) => {
        const query = { names: CURVE_NAMES.join(","), max_points: POINTS_AT_MOST };
        const params = { path: { job_id: id }, query, header: ifNoneMatch(seen) };
        const ask = async () =>
          answerOf(await api.GET("/v1/jobs/{job_id}/metrics", { params, signal }));
        return seen === undefined ? ask() : lane(ask);
      },
      pace: curvePace(() => over),
    }),
    enabled: job !== undefined,
    placeholderData: keepPreviousData<Metrics>,
  };
}

function verdictQuery(api: Api, id: string, job: Job | undefined) {
  return {
    queryKey: ["compare", "verdict", id],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<JobVerdict> => {
      const params = { path: { job_id: id } };
      return bodyOf(await api.GET("/v1/jobs/{job_id}/verdict", { params, signal }));
    },
    enabled: job?.verdict === "passed" || job?.verdict === "failed",
    ...FOREVER,
  };
}

function reportQuery(api: Api, id: string, job: Job | undefined, may: boolean) {
  return {
    ...polled<Report>({
      queryKey: [...jobKey(id), "report"],
      ask: async (seen, signal) => {
        const params = { path: { job_id: id }, header: ifNoneMatch(seen) };
        return answerOf(await api.GET("/v1/jobs/{job_id}/report", { params, signal }));
      },
      pace: askedOnce,
    }),
    enabled: may && job?.state === "succeeded",
    ...FOREVER,
  };
}

export function useCompared(ids: readonly string[]): readonly Compared[] {
  const api = useApi();
  const may = useMay("artifacts:read");
  const [lane] = useState(openLane);
  const jobs = useQueries({ queries: ids.map((id) => jobQuery(api, lane, id)) });
  const found = ids.map((id, place) => ({ id, job: jobs[place]?.data }));
  const curves = useQueries({
    queries: found.map(({ id, job }) => curvesQuery(api, lane, id, job)),
  });
  const verdicts = useQueries({ queries: found.map(({ id, job }) => verdictQuery(api, id, job)) });
  const reports = useQueries({
    queries: found.map(({ id, job }) => reportQuery(api, id, job, may)),
  });
  return found.map(({ id, job }, place) => ({
    id,
    place,
    job: job ?? null,
    problem: problemIn(jobs[place]),
    report: reports[place]?.data ?? null,
    noReport: noReport(reports[place]),
    verdict: verdicts[place]?.data ?? null,
    curves: curves[place]?.data ?? null,
  }));
}

function noReport(query: { error: unknown } | undefined): string | null {
  if (!query?.error) return null;
  const { status, title } = asProblem(query.error);
  return status === 404
    ? "its report is not kept any more."
    : `its report does not come: ${title}.`;
}

function problemIn(query: { error: unknown } | undefined) {
  return query?.error ? asProblem(query.error) : null;
}

/** The newest jobs with this in their name. */
export function useFoundJobs(name: string) {
  const api = useApi();
  const query = polled<JobPage>({
    queryKey: ["compare", "found", name],
    ask: async (seen, signal) => {
      const query = { limit: FOUND_AT_MOST, ...(name !== "" && { name }) };
      const params = { query, header: ifNoneMatch(seen) };
      return answerOf(await api.GET("/v1/jobs", { params, signal }));
    },
    pace: listPace((page) => page.data.some(isActive)),
  });
  return useQuery({ ...query, placeholderData: keepPreviousData });
}

/** What lies in the trash: asked for only where a job of the address is not there. */
export function useTrashed(ids: readonly string[]): ReadonlyMap<string, string> {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ["compare", "trash"],
    queryFn: async ({ signal }) => {
      const params = { query: { trash: true, limit: 200 } };
      return bodyOf(await api.GET("/v1/jobs", { params, signal })).data;
    },
    enabled: ids.length > 0,
  });
  const found = data?.filter(({ id }) => ids.includes(id)) ?? [];
  return new Map(found.map(({ id, name }) => [id, name]));
}
