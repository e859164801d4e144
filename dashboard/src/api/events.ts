/** What happens to a job, followed without a gap: by a stream, and by long polls where none holds. */
import { type Api, bodyOf } from "@/api/client";
import { numberIn, textIn } from "@/api/loose";
import { pauseAfter, waiting } from "@/api/polling";
import { ApiProblem, unreachable } from "@/api/problem";
import type { Event } from "@/api/schema";
import { type Message, piecesOf } from "@/api/sse";

export type Way = "stream" | "polls";

export type News =
  | { kind: "events"; events: readonly Event[] }
  /** These were swept away: nobody has them any more. */
  | { kind: "gap"; first: number; last: number }
  /** The job is over, and everything was told. */
  | { kind: "end" }
  /** Nothing can be heard for now; `problem` says why. It goes on by itself. */
  | { kind: "broken"; problem: ApiProblem }
  | { kind: "way"; way: Way };

/** Three comments, of 15 s each, that did not come. */
const SILENCE_MS = 45_000;
const BREAKS_AT_MOST = 2;
const PAGE = 1000;
/** What the service asks of whoever was cut off (`retry: 3000`): while it stops, it still answers. */
const RECONNECT_MS = 3_000;
/** A job that trains has an event each second: asked for at once, it would be a request a second. */
const AFTER_EVENTS_MS = 10_000;
const NOT_WAITING_MS = 3_000;

interface Following {
  api: Api;
  jobId: string;
  /** Only what came after this `seq`. */
  after?: number;
  signal: AbortSignal;
}

/** Until the job is over or `signal` aborts. Problems that will not pass are thrown. */
export async function* followEvents({
  api,
  jobId,
  after = 0,
  signal,
}: Following): AsyncGenerator<News, void> {
  let seen = after;
  let way: Way = "stream";
  let breaks = 0;
  let failures = 0;
  yield { kind: "way", way };
  while (!signal.aborted) {
    await visible(signal);
    const turn = turnUntilHidden(signal);
    const asked = { api, jobId, after: seen, signal: turn.signal };
    let brought = false;
    try {
      for await (const news of way === "stream" ? streamed(asked) : polledOnce(asked)) {
        brought = true;
        breaks = 0;
        failures = 0;
        if (news === "alive") continue;
        if (news.kind === "events") seen = news.events.at(-1)?.seq ?? seen;
        if (news.kind === "gap") seen = Math.max(seen, news.last);
        yield news;
        if (news.kind === "end") return;
      }
      failures = 0;
      if (way === "stream" && !brought) {
        breaks += 1;
        if (breaks < BREAKS_AT_MOST) await sleep(RECONNECT_MS, signal);
      }
    } catch (error) {
      if (asked.signal.aborted) continue;
      // A service that is away breaks no stream: there was none.
      if (way === "stream" && !(error instanceof ApiProblem)) breaks += 1;
      const problem = error instanceof ApiProblem ? error : unreachable(error);
      failures += 1;
      const pause = pauseAfter(problem, failures);
      if (pause === false) throw problem;
      yield { kind: "broken", problem };
      await sleep(pause, signal);
    } finally {
      turn.abort();
    }
    if (way === "stream" && breaks >= BREAKS_AT_MOST) {
      way = "polls";
      yield { kind: "way", way };
    }
  }
}

type Heard = News | "alive";

interface Asked {
  api: Api;
  jobId: string;
  after: number;
  signal: AbortSignal;
}

async function* streamed({ api, jobId, after, signal }: Asked): AsyncGenerator<Heard> {
  const silence = new AbortController();
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const stillThere = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  stillThere();
  try {
    const { data: body } = await api.GET("/v1/jobs/{job_id}/events", {
      params: { path: { job_id: jobId }, header: { "Last-Event-ID": after } },
      headers: { Accept: "text/event-stream" },
      parseAs: "stream",
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!body) throw new Error("a stream without a body");
    for await (const piece of piecesOf(body)) {
      stillThere();
      yield piece.kind === "comment" ? "alive" : newsOf(piece.message);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

function newsOf({ event, data }: Message): Heard {
  const told: unknown = JSON.parse(data);
  if (event === "end") return { kind: "end" };
  const last = numberIn(told, "last");
  if (event === "gap" && last !== null) {
    return { kind: "gap", first: numberIn(told, "first") ?? last, last };
  }
  return isEvent(told) ? { kind: "events", events: [told] } : "alive";
}

async function* polledOnce({ api, jobId, after, signal }: Asked): AsyncGenerator<Heard> {
  const answer = await api.GET("/v1/jobs/{job_id}/events", {
    params: {
      path: { job_id: jobId },
      query: { after_seq: after, limit: PAGE },
      header: waiting,
    },
    signal,
  });
  const tail = bodyOf(answer);
  if (typeof tail === "string") throw unreachable(new Error("asked for JSON, got a stream"));
  const { data: events, has_more } = tail;
  const first = events[0]?.seq;
  if (first !== undefined && first > after + 1)
    yield { kind: "gap", first: after + 1, last: first - 1 };
  if (events.length > 0) yield { kind: "events", events };
  if (has_more) return;
  if (events.some(isLast)) yield { kind: "end" };
  if (events.length > 0) await sleep(AFTER_EVENTS_MS, signal);
  else if (!answer.response.headers.has("Preference-Applied")) await sleep(NOT_WAITING_MS, signal);
}

const LAST = new Set(["job.succeeded", "job.failed", "job.cancelled", "job.expired"]);

function isLast(event: Event): boolean {
  return LAST.has(event.type);
}

function isEvent(told: unknown): told is Event {
  return numberIn(told, "seq") !== null && textIn(told, "type") !== null;
}

/** A hidden tab asks nothing: resolves when this one is looked at, or the reader is gone. */
function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
    done();
  });
}

/** Aborts with `signal`, and when the tab is hidden; once it has, nothing listens for it any more. */
function turnUntilHidden(signal: AbortSignal): AbortController {
  const turn = new AbortController();
  const end = () => turn.abort();
  const endIfHidden = () => document.visibilityState === "hidden" && end();
  document.addEventListener("visibilitychange", endIfHidden, { signal: turn.signal });
  signal.addEventListener("abort", end, { signal: turn.signal });
  if (signal.aborted) end();
  return turn;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
