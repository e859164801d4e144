/** One job: what its states mean, the query that waits for its news, and where a verb puts it. */
import type { QueryClient } from "@tanstack/react-query";
import type { Api } from "@/api/client";
import { type Pace, polled, waiting, waitingPace } from "@/api/polling";
import type { Job, State } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";

const OVER: ReadonlySet<State> = new Set(["succeeded", "failed", "cancelled", "expired"]);

/** Its state is final. */
export function isOver(job: Job): boolean {
  return OVER.has(job.state);
}

/** Something of it will change without anybody asking. */
export function isActive(job: Job): boolean {
  return !isOver(job) && job.state !== "paused";
}

export function jobKey(id: string) {
  return ["job", id] as const;
}

const ALONE = waitingPace<Job>(isOver);
/** Where curves or logs are asked for besides: all together stay below 20 requests a minute. */
export const BESIDE_OTHERS = waitingPace<Job>(isOver, 10_000);

export function jobQuery(api: Api, id: string, pace: Pace<Job> = ALONE) {
  return polled<Job>({
    queryKey: jobKey(id),
    ask: async (seen, signal) =>
      answerOf(
        await api.GET("/v1/jobs/{job_id}", {
          params: { path: { job_id: id }, header: { ...waiting, ...ifNoneMatch(seen) } },
          signal,
        }),
      ),
    join: (before, news) => newer(before, news),
    pace,
  });
}

/** A request that began before a verb may end after it: what it brings is old then. */
export function newer(before: Job | undefined, now: Job): Job {
  return before !== undefined && before.version > now.version ? before : now;
}

export function putJob(queries: QueryClient, job: Job): void {
  queries.setQueryData<Job>(jobKey(job.id), (before) => newer(before, job));
}
