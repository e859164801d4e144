/** What the curves of a job are asked for. */
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import { curvePace, polled } from "@/api/polling";
import type { Job, Metrics } from "@/api/schema";
import { answerOf } from "@/api/tags";
import { isOver } from "@/jobs/job";
import { useApi } from "@/session/session";
import {
  type Curves,
  joined,
  lastSteps,
  MOST_POINTS,
  nextAsk,
  type Standing,
  tagFor,
} from "./increments";
import { wantedNames } from "./names";
import { doneOf, type StretchAsk } from "./stretch";

/** The service takes this many letters; without names it tells everything. */
const LONGEST_NAMES = 4000;
const MOST_ATTEMPTS = 12;

/** The curves of one training of a job, and the accuracy of the others. */
export function useCurves(job: Job, training: string) {
  const api = useApi();
  const now = standingOf(job, training);
  return useQuery({
    ...polled<Curves>({
      queryKey: curvesKey(job, training),
      ask: async (seen, signal) => {
        const ask = nextAsk(seen, now);
        const tag = tagFor(seen, ask, now);
        const told = await api.GET("/v1/jobs/{job_id}/metrics", {
          params: {
            path: { job_id: job.id },
            query: { names: inOneWord(ask.names), since_step: ask.since, max_points: MOST_POINTS },
          },
          headers: tag === null ? {} : { "If-None-Match": tag },
          signal,
        });
        const { news, waited } = answerOf<Metrics>(told);
        if (news === null) return { news, waited };
        const fresh = { ask, series: news.series, tag: told.response.headers.get("ETag") };
        return { news: joined(seen, fresh, now), waited };
      },
      pace: curvePace(({ isFinal }) => isFinal),
    }),
    enabled: Object.keys(now.steps).length > 0,
    // What has not changed is kept by `joined` already.
    structuralSharing: false,
  });
}

function curvesKey(job: Job, training: string) {
  return ["job", job.id, "curves", training] as const;
}

function standingOf(job: Job, training: string): Standing {
  const steps = lastSteps(job.last);
  const wanted = wantedNames(Object.keys(steps), training);
  return {
    attempt: job.attempt,
    steps: Object.fromEntries(wanted.map((name) => [name, steps[name] ?? 0])),
    isOver: isOver(job),
  };
}

function inOneWord(names: readonly string[]): string {
  const word = names.join(",");
  return word.length > LONGEST_NAMES ? "" : word;
}

/** Finer points of a zoomed stretch; those of the last one until they are there. */
export function useStretch(job: Job, training: string, curves: Curves, ask: StretchAsk | null) {
  const api = useApi();
  // Asked for anew while its steps are done, for an attempt that was resumed does some once more.
  const done = ask === null ? null : doneOf(ask, curves);
  return useQuery({
    queryKey: [...curvesKey(job, training), "stretch", curves.attempt, ask, done],
    queryFn: async ({ signal }) => {
      if (ask === null) return [];
      const told = await api.GET("/v1/jobs/{job_id}/metrics", {
        params: {
          path: { job_id: job.id },
          query: {
            names: inOneWord(ask.names),
            since_step: ask.since,
            until_step: ask.until,
            max_points: MOST_POINTS,
          },
        },
        signal,
      });
      return bodyOf(told).series;
    },
    enabled: ask !== null,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

export interface AttemptStart {
  attempt: number;
  step: number;
}

/** Where each later attempt took this training up again. */
export function useAttemptStarts(job: Job, training: string, curves: Curves) {
  const api = useApi();
  const name = `${training}train/loss`;
  const later = job.attempts
    .map(({ number }) => number)
    .filter((number) => number > 1)
    .slice(-MOST_ATTEMPTS);
  // The one that goes on has no first point yet, perhaps; then it is asked for once more.
  const hasMoved = curves.known[name] !== undefined;
  return useQueries({
    queries: later.map((attempt) => ({
      queryKey: [
        ...[...curvesKey(job, training), "start", attempt],
        attempt !== curves.attempt || hasMoved,
      ],
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<number | null> => {
        // Of two points one is the first.
        const told = await api.GET("/v1/jobs/{job_id}/metrics", {
          params: { path: { job_id: job.id }, query: { names: name, attempt, max_points: 2 } },
          signal,
        });
        return bodyOf(told).series[0]?.steps[0] ?? null;
      },
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (found) =>
      found.flatMap(({ data }, place): AttemptStart[] => {
        const attempt = later[place];
        return data == null || attempt === undefined ? [] : [{ attempt, step: data }];
      }),
  });
}
