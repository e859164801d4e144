/**
 * How often what is asked for: the whole strategy.
 *
 * Every query that lives goes through `polled`. One request of a view is in flight at a time; a hidden tab asks
 * nothing, and once when it is looked at again (the client of TanStack sees to both); an answer
 * "not modified" changes nothing and draws nothing.
 */
import {
  type Query,
  QueryClient,
  type QueryFunctionContext,
  type QueryKey,
  type UseQueryOptions,
} from "@tanstack/react-query";
import { ApiProblem } from "@/api/problem";
import { type Answer, keepingEqual } from "@/api/tags";

/** Seconds that the service may hold a request of ours. */
export const WAIT_S = 20;
export const waiting = { Prefer: `wait=${WAIT_S}` } as const;

export interface Told<T> {
  data: T;
  /** How many answers in a row had nothing new. */
  unchanged: number;
  waited: boolean;
}

/** Milliseconds until the next request, after an answer; false: there is nothing to wait for. */
export type Pace<T> = (told: Told<T>) => number | false;

const ACTIVE_LIST = 5_000;
const QUIET_LIST = 30_000;
const CURVES = 5_000;
const CURVES_AT_MOST = 30_000;
const BETWEEN_WAITS = 100;
const AFTER_NEWS = 5_000;
const NOT_WAITING = 5_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;

/** A list: often while one of its rows is on its way somewhere. */
export function listPace<T>(isActive: (data: T) => boolean): Pace<T> {
  return ({ data }) => (isActive(data) ? ACTIVE_LIST : QUIET_LIST);
}

/**
 * A thing that the service lets us wait for; one that is over can still be renamed. While a job
 * trains, it changes every second: `afterNews` is what keeps that from being a request a second.
 */
export function waitingPace<T>(isOver: (data: T) => boolean, afterNews = AFTER_NEWS): Pace<T> {
  return ({ data, unchanged, waited }) => {
    if (isOver(data)) return QUIET_LIST;
    if (unchanged === 0) return afterNews;
    return waited ? BETWEEN_WAITS : NOT_WAITING;
  };
}

/** Curves: slower while nothing is added, not at all once nothing will be. */
export function curvePace<T>(isOver: (data: T) => boolean): Pace<T> {
  return ({ data, unchanged }) =>
    isOver(data) ? false : Math.min(CURVES * 1.5 ** unchanged, CURVES_AT_MOST);
}

/** What hardly ever changes: asked when a screen opens, and when its tab is looked at again. */
export const askedOnce: Pace<unknown> = () => false;

/** After `failures` in a row: what the service says, else twice as long each time, at random. */
export function pauseAfter(
  problem: unknown,
  failures: number,
  random = Math.random,
): number | false {
  if (!(problem instanceof ApiProblem) || !problem.isPassing) return false;
  if (problem.retryAfter !== null) return Math.max(problem.retryAfter * 1000, FIRST_RETRY);
  const longest = Math.min(FIRST_RETRY * 2 ** failures, LAST_RETRY);
  return longest / 2 + (longest / 2) * random();
}

/** What a query remembers of its answers, beside the data. */
interface Memory {
  unchanged: number;
  waited: boolean;
  failures: number;
  /** Fixed once for each failure: an interval that is random anew at every render never ends. */
  pause: number | false;
}

const memories = new WeakMap<object, Memory>();

function memoryOf(query: object): Memory {
  const known = memories.get(query);
  if (known) return known;
  const fresh = { unchanged: 0, waited: false, failures: 0, pause: 0 };
  memories.set(query, fresh);
  return fresh;
}

export interface Polled<T extends object> {
  queryKey: QueryKey;
  /** Asks on the condition that something differs from `seen`; see `ifNoneMatch` and `answerOf`. */
  ask: (seen: T | undefined, signal: AbortSignal) => Promise<Answer<T>>;
  pace: Pace<T>;
  /** Makes one whole of what was there when the answer came and the answer; else it replaces. */
  join?: (before: T | undefined, news: T) => T;
}

export function polled<T extends object>({ queryKey, ask, pace, join }: Polled<T>) {
  return {
    queryKey,
    queryFn: async ({ client, signal }: QueryFunctionContext): Promise<T> => {
      const query = client.getQueryCache().find<T>({ queryKey, exact: true });
      const memory = memoryOf(query ?? {});
      try {
        const { news, waited } = await ask(query?.state.data, signal);
        Object.assign(memory, { failures: 0, waited });
        // Read anew: a verb may have put a newer job there while we waited.
        const now = client.getQueryData<T>(queryKey);
        memory.unchanged = news === null ? memory.unchanged + 1 : 0;
        if (news !== null) return join ? join(now, news) : news;
        if (now === undefined) throw new Error("304 without anything to compare with");
        return now;
      } catch (error) {
        if (!signal.aborted) {
          memory.failures += 1;
          memory.pause = pauseAfter(error, memory.failures);
        }
        throw error;
      }
    },
    refetchInterval: (query: Query<T>) => {
      const memory = memoryOf(query);
      if (query.state.status === "error") return memory.pause;
      const { data } = query.state;
      return data === undefined ? false : pace({ data, ...memory });
    },
  } satisfies UseQueryOptions<T>;
}

/** One for each session: what one key has seen is not shown to the next. */
export function openQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 0,
        retry: false,
        refetchOnWindowFocus: true,
        refetchOnReconnect: true,
        // "Offline" is about the internet; the service may be on this very machine.
        networkMode: "always",
        structuralSharing: keepingEqual,
        refetchIntervalInBackground: false,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
