/** What the list asks the service for. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Api, bodyOf } from "@/api/client";
import { askedOnce, listPace, polled } from "@/api/polling";
import type { Job, ModelPage } from "@/api/schema";
import { answerOf, ifNoneMatch, unless } from "@/api/tags";
import { isActive, jobKey } from "@/jobs/job";
import {
  appended,
  type Listing,
  limitOf,
  livePages,
  nextCursor,
  PAGE_ROWS,
  pageOf,
  refreshed,
  rowsOf,
} from "@/jobs/listing";
import { hasModel } from "@/jobs/numbers";
import type { JobsSearch } from "@/jobs/search";
import { useApi } from "@/session/session";

export const LISTS = ["jobs", "list"] as const;

function listKey(search: JobsSearch) {
  return [...LISTS, search] as const;
}

function filtersOf({ state, label, trash, ...rest }: JobsSearch) {
  return {
    ...rest,
    ...(state && { state: [...state] }),
    ...(label && { label: [...label] }),
    ...(trash && { trash: true }),
  };
}

let turn = 0;

/** One of them after the other. */
function inTurn<T>(choices: readonly T[]): T | undefined {
  turn += 1;
  return choices[turn % Math.max(choices.length, 1)];
}

/** One request for all rows: the pages where something moves are asked for by turns. */
function listQuery(api: Api, search: JobsSearch) {
  return polled<Listing>({
    queryKey: listKey(search),
    ask: async (seen, signal) => {
      const page = inTurn(seen ? livePages(seen) : []);
      const cursor = page?.cursor ?? null;
      const query = { ...filtersOf(search), limit: limitOf(page), ...(cursor && { cursor }) };
      const params = { query, header: unless(page?.tag ?? null) };
      const { news, waited } = answerOf(await api.GET("/v1/jobs", { params, signal }));
      return { news: news && { pages: [pageOf(cursor, news)] }, waited };
    },
    join: (before, news) => news.pages.reduce(refreshed, before ?? news),
    pace: listPace((listing) => listing.pages.some((page) => page.rows.some(isActive))),
  });
}

export function useJobs(search: JobsSearch) {
  const api = useApi();
  const queries = useQueryClient();
  const list = useQuery(listQuery(api, search));
  const more = useMutation({
    mutationFn: async (cursor: string) => {
      const query = { ...filtersOf(search), limit: PAGE_ROWS, cursor };
      return pageOf(cursor, bodyOf(await api.GET("/v1/jobs", { params: { query } })));
    },
    onSuccess: (page) => {
      queries.setQueryData<Listing>(listKey(search), (now) => now && appended(now, page));
    },
  });
  const cursor = list.data ? nextCursor(list.data) : null;
  return {
    ...list,
    rows: useMemo(() => (list.data ? rowsOf(list.data) : []), [list.data]),
    more,
    loadMore: () => {
      if (cursor !== null && !more.isPending) more.mutate(cursor);
    },
  };
}

export type Places = Readonly<Record<string, Job["queue"]>>;

const PLACES_AT_MOST = 6;

/** Where those that are next wait. A list has no places, so they are asked for job by job, by turns. */
export function usePlaces(rows: readonly Job[]): Places {
  const api = useApi();
  const queries = useQueryClient();
  const waiting = rows.filter((row) => row.state === "queued").slice(-PLACES_AT_MOST);
  const query = polled<Places>({
    queryKey: ["jobs", "places"],
    ask: async (seen, signal) => {
      const row = inTurn(waiting);
      if (row === undefined) return { news: {}, waited: false };
      const known = queries.getQueryData<Job>(jobKey(row.id));
      const params = { path: { job_id: row.id }, header: ifNoneMatch(known) };
      const { news } = answerOf(await api.GET("/v1/jobs/{job_id}", { params, signal }));
      if (news) queries.setQueryData(jobKey(row.id), news);
      return { news: { ...seen, [row.id]: (news ?? known)?.queue ?? null }, waited: false };
    },
    pace: listPace(() => true),
  });
  return useQuery({ ...query, enabled: waiting.length > 0 }).data ?? {};
}

/** What models are called, by their ids: a job names its teacher by one. */
export function useModelNames(rows: readonly Job[]): ReadonlyMap<string, string> {
  const api = useApi();
  const query = polled<ModelPage>({
    queryKey: ["models", "names"],
    ask: async (_seen, signal) => {
      const params = { query: { limit: 200 } };
      return answerOf(await api.GET("/v1/models", { params, signal }));
    },
    pace: askedOnce,
  });
  const { data } = useQuery({ ...query, enabled: rows.some(hasModel) });
  return useMemo(() => new Map(data?.data.map(({ id, name }) => [id, name])), [data]);
}
