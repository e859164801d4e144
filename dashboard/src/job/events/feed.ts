/** The events of a job as they come in: each once and in order, kept while another tab is looked at. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Api } from "@/api/client";
import { followEvents, type News, type Way } from "@/api/events";
import { type ApiProblem, asProblem } from "@/api/problem";
import type { Event, Job } from "@/api/schema";
import { jobKey } from "@/jobs/job";
import { useApi } from "@/session/session";

export interface Feed {
  events: readonly Event[];
  /** The last `seq` that was heard of, swept away ones included. */
  after: number;
  /** How many were swept away before anybody here saw them. */
  swept: number;
  way: Way;
  /** Why nothing is heard for now; null while all is well. */
  problem: ApiProblem | null;
  /** That problem will not pass: nobody listens any more. */
  refused: boolean;
  ended: boolean;
}

type Heard = News | { kind: "refused"; problem: ApiProblem };

export const NOTHING_YET: Feed = {
  events: [],
  after: 0,
  swept: 0,
  way: "stream",
  problem: null,
  refused: false,
  ended: false,
};

const WELL = { problem: null, refused: false } as const;

/** A stream begins with all that has happened: drawing each alone would take longer than sending it. */
const GATHER_MS = 100;

export function feedKey(jobId: string) {
  return [...jobKey(jobId), "events"] as const;
}

export function useFeed(job: Job): Feed {
  const api = useApi();
  const queries = useQueryClient();
  const { id } = job;
  useEffect(() => {
    const stop = new AbortController();
    void follow(api, queries, id, stop.signal);
    return () => stop.abort();
  }, [api, queries, id]);
  const { data } = useQuery<Feed>({
    queryKey: feedKey(id),
    // The effect above is who asks; what it hears is put here.
    queryFn: () => queries.getQueryData<Feed>(feedKey(id)) ?? NOTHING_YET,
    enabled: false,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return data ?? NOTHING_YET;
}

async function follow(api: Api, queries: QueryClient, jobId: string, signal: AbortSignal) {
  const key = feedKey(jobId);
  const known = queries.getQueryData<Feed>(key) ?? NOTHING_YET;
  let gathered: Heard[] = [];
  const put = () => {
    const news = gathered;
    gathered = [];
    if (signal.aborted || news.length === 0) return;
    queries.setQueryData<Feed>(key, (feed = NOTHING_YET) => news.reduce(heard, feed));
    // What the header shows is older than what was just read.
    if (news.some(({ kind }) => kind === "end")) {
      void queries.invalidateQueries({ queryKey: jobKey(jobId), exact: true });
    }
  };
  const gather = (news: Heard) => {
    if (gathered.length === 0) setTimeout(put, GATHER_MS);
    gathered.push(news);
  };
  try {
    for await (const news of followEvents({ api, jobId, after: known.after, signal })) {
      gather(news);
    }
  } catch (error) {
    gather({ kind: "refused", problem: asProblem(error) });
  }
}

/** The feed after one piece of news; what was heard before changes nothing. */
export function heard(feed: Feed, news: Heard): Feed {
  switch (news.kind) {
    case "events": {
      const fresh = news.events.filter(({ seq }) => seq > feed.after);
      return {
        ...feed,
        events: fresh.length === 0 ? feed.events : [...feed.events, ...fresh],
        after: fresh.at(-1)?.seq ?? feed.after,
        ...WELL,
      };
    }
    case "gap": {
      const first = Math.max(news.first, feed.after + 1);
      const missed = Math.max(0, news.last - first + 1);
      return {
        ...feed,
        swept: feed.swept + missed,
        after: Math.max(feed.after, news.last),
        ...WELL,
      };
    }
    case "end":
      return { ...feed, ended: true, ...WELL };
    case "broken":
      return { ...feed, problem: news.problem, refused: false };
    case "refused":
      return { ...feed, problem: news.problem, refused: true };
    case "way":
      return { ...feed, way: news.way };
  }
}
