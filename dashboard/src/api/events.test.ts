import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import { followEvents, type News } from "@/api/events";

let asked: Request[];
let answers: ((request: Request) => Response)[];
let stop: AbortController;

const isStream = (request: Request) => request.headers.get("Accept") === "text/event-stream";
const event = (seq: number, type = "job.progress") => ({
  seq,
  type,
  at: "2026-01-01T12:00:00Z",
  attempt: 1,
  data: {},
});
const message = (seq: number, type?: string) =>
  `event: x\ndata: ${JSON.stringify(event(seq, type))}\nid: ${seq}\n\n`;
const END = 'event: end\ndata: {"state": "succeeded"}\n\n';

function stream(...text: string[]) {
  return () =>
    new Response(["retry: 3000\n\n", ...text].join(""), {
      headers: { "Content-Type": "text/event-stream" },
    });
}

/** A stream that brings `text` and then nothing, for ever. */
function silentAfter(text: string) {
  return (request: Request) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
        },
      }),
    );
}

function polls(...events: object[]) {
  return () =>
    Response.json(
      { data: events, next_after_seq: 0, has_more: false },
      { headers: { "Preference-Applied": "wait=20" } },
    );
}

/** Everything that is told until the end, or until `enough`. */
async function follow(enough: (heard: News[]) => boolean = () => false): Promise<News[]> {
  const heard: News[] = [];
  const api = openApi({ key: "sh_live_1" });
  for await (const news of followEvents({ api, jobId: "job_1", signal: stop.signal })) {
    heard.push(news);
    if (enough(heard)) stop.abort();
  }
  return heard;
}

const seqs = (heard: News[]) =>
  heard.flatMap((news) => (news.kind === "events" ? news.events.map(({ seq }) => seq) : []));

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answers = [];
  stop = new AbortController();
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new TypeError("Failed to fetch");
    return answer(request);
  });
});

afterEach(() => {
  stop.abort();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a stream is read to its end, and nothing is asked afterwards", async () => {
  answers = [stream(message(1), message(2, "job.succeeded"), END)];
  const heard = await follow();

  expect(seqs(heard)).toEqual([1, 2]);
  expect(heard.at(-1)).toEqual({ kind: "end" });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.headers.get("Authorization")).toBe("Bearer sh_live_1");
});

test("a stream that was cut off goes on after its last event", async () => {
  answers = [stream(message(1), message(2)), stream(message(3), END)];
  const heard = await follow();

  expect(seqs(heard)).toEqual([1, 2, 3]);
  expect(asked[1]?.headers.get("Last-Event-ID")).toBe("2");
});

test("two streams that bring nothing make room for long polls", async () => {
  answers = [stream(), stream(), polls(event(1)), polls(event(2, "job.succeeded"))];
  const following = follow();
  await vi.advanceTimersByTimeAsync(60_000);
  const heard = await following;

  expect(asked.map(isStream)).toEqual([true, true, false, false]);
  expect(asked[3]?.headers.get("Prefer")).toBe("wait=20");
  expect(new URL(asked[3]?.url ?? "").searchParams.get("after_seq")).toBe("1");
  expect(seqs(heard)).toEqual([1, 2]);
  expect(heard.at(-1)).toEqual({ kind: "end" });
  expect(heard).toContainEqual({ kind: "way", way: "polls" });
});

test("streams that bring something are no broken streams, however often they are cut off", async () => {
  answers = [
    stream(message(1)),
    stream(": ka\n\n"),
    stream(message(2)),
    stream(message(3)),
    stream(END),
  ];
  await follow();

  expect(asked.every(isStream)).toBe(true);
});

test("a service that stops ends two streams in a row, and is no reason for long polls", async () => {
  answers = [stream(message(1)), stream(), stream(message(2), END)];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(seqs(await heard)).toEqual([1, 2]);
  expect(asked.every(isStream)).toBe(true);
});

test("by long polls a job that trains is asked about at most six times a minute", async () => {
  let n = 0;
  const onceMore = () => {
    n += 1;
    return polls(event(n))();
  };
  answers = [stream(), stream(), onceMore];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(4_000);
  asked = [];
  await vi.advanceTimersByTimeAsync(60_000);
  stop.abort();
  await heard;

  expect(asked.length).toBeLessThanOrEqual(6);
});

test("a stream that is silent for 45 s is held back by something: it is given up", async () => {
  answers = [silentAfter("retry: 3000\n\n"), silentAfter(""), polls(event(1, "job.failed"))];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(44_000);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100_000);

  expect(seqs(await heard)).toEqual([1]);
  expect(asked.map(isStream)).toEqual([true, true, false]);
});

test("too many streams are an answer to wait for, as the service says", async () => {
  const busy = () =>
    Response.json(
      { status: 429, code: "too_many_streams" },
      { status: 429, headers: { "Retry-After": "5" } },
    );
  answers = [busy, stream(message(1), END)];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(4_900);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);

  expect((await heard).map(({ kind }) => kind)).toEqual(["way", "broken", "events", "end"]);
});

test("a service that is being restarted is waited for, and no event is lost", async () => {
  answers = [
    stream(message(1)),
    () => {
      throw new TypeError("Failed to fetch");
    },
    stream(message(2), END),
  ];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(seqs(await heard)).toEqual([1, 2]);
});

test("events that were swept away are told as a gap", async () => {
  answers = [stream('event: gap\ndata: {"first": 1, "last": 3}\n\n', message(4), END)];

  expect(await follow()).toContainEqual({ kind: "gap", first: 1, last: 3 });
});

test("by long polls a gap is told as well", async () => {
  answers = [stream(), stream(), polls(event(4), event(5, "job.cancelled"))];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(await heard).toContainEqual({ kind: "gap", first: 1, last: 3 });
});

test("a job that is not there is an error of whoever asks", async () => {
  answers = [() => Response.json({ status: 404, code: "not_found" }, { status: 404 })];

  await expect(follow()).rejects.toMatchObject({ code: "not_found" });
});

test("a hidden tab listens to nothing, and goes on where it was", async () => {
  const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
  answers = [silentAfter(message(1)), stream(message(2), END)];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(1_000);
  visibility.mockReturnValue("hidden");
  document.dispatchEvent(new window.Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(3600_000);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.signal.aborted).toBe(true);
  visibility.mockReturnValue("visible");
  document.dispatchEvent(new window.Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(1_000);

  expect(seqs(await heard)).toEqual([1, 2]);
  expect(asked[1]?.headers.get("Last-Event-ID")).toBe("1");
});

/** How many listen to it now, of those that began to since this was called. */
function listenersOf(target: EventTarget, type: string): () => number {
  const live = new Set<unknown>();
  const { addEventListener, removeEventListener } = target;
  vi.spyOn(target, "addEventListener").mockImplementation((name, listener, options) => {
    if (name === type) live.add(listener);
    const until = Object(options).signal;
    until?.addEventListener("abort", () => live.delete(listener));
    addEventListener.call(target, name, listener, options);
  });
  vi.spyOn(target, "removeEventListener").mockImplementation((name, listener, options) => {
    live.delete(listener);
    removeEventListener.call(target, name, listener, options);
  });
  return () => live.size;
}

test("however often it asks again, no more listen to the tab and to whoever reads", async () => {
  let n = 0;
  const onceMore = () => {
    n += 1;
    return polls(event(n))();
  };
  const toTab = listenersOf(document, "visibilitychange");
  const toReader = listenersOf(stop.signal, "abort");
  answers = [stream(), stream(), onceMore];
  const heard = follow();
  await vi.advanceTimersByTimeAsync(20_000);
  const early = [toTab(), toReader()];
  await vi.advanceTimersByTimeAsync(100_000);

  expect(n).toBeGreaterThan(5);
  expect([toTab(), toReader()]).toEqual(early);
  stop.abort();
  await heard;
  expect(toTab()).toBe(0);
});

test("whoever leaves stops the stream", async () => {
  answers = [silentAfter(message(1))];
  await follow((heard) => seqs(heard).length === 1);

  expect(asked).toHaveLength(1);
});
