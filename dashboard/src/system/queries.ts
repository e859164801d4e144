/** What the System screen asks the service for. */
import { useQuery } from "@tanstack/react-query";
import { type Api, bodyOf } from "@/api/client";
import { listPace, polled } from "@/api/polling";
import type { Key, KeyPage, QueueLoad, Storage, WorkerList } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";
import { useApi } from "@/session/session";

export const KEYS = ["system", "keys"] as const;
const KEYS_PAGE = 200;

export function useWorkers() {
  const api = useApi();
  return useQuery(
    polled<WorkerList>({
      queryKey: ["system", "workers"],
      ask: async (seen, signal) => {
        const params = { header: ifNoneMatch(seen) };
        return answerOf(await api.GET("/v1/workers", { params, signal }));
      },
      pace: listPace(({ data }) => data.some(({ busy }) => busy > 0)),
    }),
  );
}

export function useQueue() {
  const api = useApi();
  return useQuery(
    polled<QueueLoad>({
      queryKey: ["system", "queue"],
      ask: async (seen, signal) => {
        const params = { header: ifNoneMatch(seen) };
        return answerOf(await api.GET("/v1/queue", { params, signal }));
      },
      pace: listPace(({ queued, at_work }) => queued + at_work > 0),
    }),
  );
}

export function useStorage() {
  const api = useApi();
  return useQuery(
    polled<Storage>({
      queryKey: ["system", "storage"],
      ask: async (seen, signal) => {
        const params = { header: ifNoneMatch(seen) };
        return answerOf(await api.GET("/v1/storage", { params, signal }));
      },
      pace: listPace(() => false),
    }),
  );
}

export function useKeys() {
  const api = useApi();
  return useQuery({ queryKey: KEYS, queryFn: ({ signal }) => everyKey(api, signal) });
}

async function everyKey(api: Api, signal: AbortSignal): Promise<Key[]> {
  const keys: Key[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: KEYS_PAGE };
    if (cursor !== null) query.cursor = cursor;
    const page: KeyPage = bodyOf(await api.GET("/v1/keys", { params: { query }, signal }));
    keys.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return keys;
}
