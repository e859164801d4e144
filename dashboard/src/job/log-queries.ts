/** What a job printed, line by line: all of it, as it is printed. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import { saveAs } from "@/api/downloads";
import { curvePace, polled, type Told } from "@/api/polling";
import { asProblem } from "@/api/problem";
import type { Failure, Job, Level, LogEntry, LogTail } from "@/api/schema";
import { jobKey } from "@/jobs/job";
import { useToasts } from "@/look/toast-queue";
import { useApi } from "@/session/session";

const PAGE = 1000;
const TAIL = 40;

export interface Log {
  lines: readonly LogEntry[];
  /** The last `seq` that was read, of whatever level. */
  after: number;
  hasMore: boolean;
  isOver: boolean;
  /** Of the job when it was read: while it holds, nothing was printed. */
  tag: string | null;
}

const AT_ONCE = 50;
/** Whoever looks at a log waits for its next line. */
const AT_MOST = 10_000;
const atCurvePace = curvePace<Log>(({ isOver }) => isOver);

function pace(told: Told<Log>): number | false {
  if (told.data.hasMore) return AT_ONCE;
  const pause = atCurvePace(told);
  return pause === false ? false : Math.min(pause, AT_MOST);
}

export function useLog(job: Job, isOver: boolean) {
  const api = useApi();
  return useQuery(
    polled<Log>({
      queryKey: [...jobKey(job.id), "log"],
      ask: async (seen, signal) => {
        const { data, response } = await api.GET("/v1/jobs/{job_id}/logs", {
          params: {
            path: { job_id: job.id },
            query: { after_seq: seen?.after ?? 0, limit: PAGE },
            // Once more without a tag after its end: then the answer says that it was the last.
            header:
              seen?.tag && !seen.hasMore && seen.isOver === isOver
                ? { "If-None-Match": seen.tag }
                : {},
          },
          signal,
        });
        if (response.status === 304) return { news: null, waited: false };
        const told = tailOf(bodyOf({ ...(data !== undefined && { data }), response }));
        // The tag is the job's: while it trains, each answer has another, and seldom a line.
        const isNews = told.data.length > 0 || seen?.isOver !== isOver;
        if (!isNews && !told.has_more) return { news: null, waited: false };
        const news = {
          lines: told.data,
          after: told.next_after_seq,
          hasMore: told.has_more,
          isOver,
          tag: response.headers.get("ETag"),
        };
        return { news, waited: false };
      },
      pace,
      join: joined,
    }),
  );
}

/** Lines that two answers brought are shown once, and in their order. */
export function joined(before: Log | undefined, news: Log): Log {
  if (before === undefined) return news;
  const last = before.lines.at(-1)?.seq ?? 0;
  const fresh = news.lines.filter(({ seq }) => seq > last);
  return {
    ...news,
    lines: fresh.length === 0 ? before.lines : [...before.lines, ...fresh],
    after: Math.max(before.after, news.after),
  };
}

export function useFailureTail(job: Job, failure: Failure) {
  const api = useApi();
  return useQuery({
    queryKey: [...jobKey(job.id), "log-tail"],
    queryFn: async ({ signal }) => {
      const told = await api.GET("/v1/jobs/{job_id}/logs", {
        params: {
          path: { job_id: job.id },
          query: { after_seq: afterOf(failure.log_tail_url), limit: PAGE },
        },
        signal,
      });
      return tailOf(bodyOf(told)).data.slice(-TAIL);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The service says where its last lines begin. */
function afterOf(url: string): number {
  const after = Number(new URL(url, document.baseURI).searchParams.get("after_seq"));
  return Number.isInteger(after) ? after : 0;
}

function tailOf(told: LogTail | string): LogTail {
  if (typeof told === "string") throw new Error("asked for JSON, got text");
  return told;
}

/** All lines that remain, of this level and above, as a file. */
export function useLogDownload(job: Job) {
  const api = useApi();
  const { warn } = useToasts();
  return useMutation({
    mutationFn: async (level: Level) => {
      const told = await api.GET("/v1/jobs/{job_id}/logs", {
        params: { path: { job_id: job.id }, query: { level } },
        headers: { Accept: "text/plain" },
        parseAs: "blob",
      });
      saveAs(`${job.id}.log`, bodyOf(told));
    },
    onError: (error) => {
      const { detail, title, hint } = asProblem(error);
      warn(detail || title, hint);
    },
  });
}
