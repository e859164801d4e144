import { type QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import {
  askedOnce,
  curvePace,
  listPace,
  openQueries,
  type Pace,
  pauseAfter,
  polled,
  waiting,
  waitingPace,
} from "@/api/polling";
import { ApiProblem } from "@/api/problem";
import { answerOf, ifNoneMatch } from "@/api/tags";

interface Thing {
  version: number;
  parts: { name: string }[];
}

const KEY = ["thing"];
let queries: QueryClient;
let asked: { at: number; headers: Headers }[];
let answers: (request: Request) => Response | Promise<Response>;

function version(n: number, headers: Record<string, string> = {}): Response {
  const thing: Thing = { version: n, parts: [{ name: "a" }] };
  return Response.json(thing, { headers: { ETag: `W/"j-${n}"`, ...headers } });
}

/** A service whose thing has this version: a 304 to whoever knows it. */
function standingAt(n: number) {
  return (request: Request) =>
    request.headers.get("If-None-Match") === `W/"j-${n}"`
      ? new Response(null, { status: 304 })
      : version(n);
}

function refusal(status: number, headers: Record<string, string> = {}): Response {
  return Response.json(
    { status, code: "some_code", title: "No", detail: "no" },
    { status, headers },
  );
}

function watch(pace: Pace<Thing>, headers: Record<string, string> = {}) {
  const api = openApi({ key: "sh_live_1" });
  const observer = new QueryObserver<Thing>(
    queries,
    polled<Thing>({
      queryKey: KEY,
      ask: async (seen, signal) => {
        const told = await api.GET("/v1/capabilities", {
          headers: { ...headers, ...ifNoneMatch(seen) },
          signal,
        });
        // Any operation serves: what is tested looks at headers and status alone.
        const found: object | undefined = told.data;
        if (found && !isThing(found)) throw new Error("not what this test answers");
        return answerOf({ response: told.response, ...(found && { data: found }) });
      },
      pace,
    }),
  );
  const drawn: (Thing | undefined)[] = [];
  const stop = observer.subscribe(({ data }) => drawn.push(data));
  return { observer, drawn, stop };
}

function isThing(found: object): found is Thing {
  return "parts" in found && "version" in found;
}

function look(visibility: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(visibility);
  window.dispatchEvent(new window.Event("visibilitychange"));
}

const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1000);
const times = () => asked.map(({ at }) => at / 1000);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  asked = [];
  answers = standingAt(1);
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push({ at: Date.now(), headers: request.headers });
    return answers(request);
  });
  queries = openQueries();
  queries.mount();
});

afterEach(() => {
  queries.unmount();
  queries.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const isActive = () => true;
const isQuiet = () => false;

test("a list is asked for every 5 s while one of its rows is active", async () => {
  watch(listPace(isActive));
  await seconds(16);

  expect(times()).toEqual([0, 5, 10, 15]);
});

test("a list is asked for every 30 s while nothing moves", async () => {
  watch(listPace(isQuiet));
  await seconds(61);

  expect(times()).toEqual([0, 30, 60]);
});

test("a list turns slow by itself when its last row comes to rest", async () => {
  watch(listPace(({ version }) => version === 1));
  await seconds(6);
  answers = standingAt(2);
  await seconds(40);

  expect(times()).toEqual([0, 5, 10, 40]);
});

test("every request but the first names what is known already", async () => {
  watch(listPace(isActive));
  await seconds(6);
  answers = standingAt(2);
  await seconds(10);

  expect(asked.map(({ headers }) => headers.get("If-None-Match"))).toEqual([
    null,
    'W/"j-1"',
    'W/"j-1"',
    'W/"j-2"',
  ]);
});

test("an answer without news leaves the data the very same object", async () => {
  const { observer, drawn } = watch(listPace(isActive));
  await seconds(1);
  const before = observer.getCurrentResult().data;
  await seconds(15);

  expect(observer.getCurrentResult().data).toBe(before);
  expect(new Set(drawn.filter(Boolean)).size).toBe(1);
});

test("what is the same in a new answer stays the same object, and the new tag is known", async () => {
  const { observer } = watch(listPace(isActive));
  await seconds(1);
  const before = observer.getCurrentResult().data;
  answers = standingAt(2);
  await seconds(11);
  const after = observer.getCurrentResult().data;

  expect(after?.version).toBe(2);
  expect(after?.parts).toBe(before?.parts);
  expect(asked.at(-1)?.headers.get("If-None-Match")).toBe('W/"j-2"');
});

test("two watchers of one thing share its requests", async () => {
  watch(listPace(isActive));
  watch(listPace(isActive));
  await seconds(11);

  expect(times()).toEqual([0, 5, 10]);
});

test("a request is not sent while the one before is under way", async () => {
  answers = () => new Promise((resolve) => setTimeout(() => resolve(version(1)), 12_000));
  watch(listPace(isActive));
  await seconds(16);
  expect(times()).toEqual([0]);
  await seconds(2);

  expect(times()).toEqual([0, 17]);
});

test("a service that waits is asked again as soon as it answers", async () => {
  answers = (request) =>
    new Promise((resolve) => {
      const held = { "Preference-Applied": "wait=20" };
      if (!request.headers.has("If-None-Match")) resolve(version(1));
      else setTimeout(() => resolve(new Response(null, { status: 304, headers: held })), 20_000);
    });
  watch(waitingPace(isQuiet), waiting);
  await seconds(60);

  // 5 s after the first one, which had no tag to wait with; from then on one request is always there.
  expect(asked).toHaveLength(4);
  expect(asked.at(1)?.headers.get("Prefer")).toBe("wait=20");
  expect(times().map(Math.round)).toEqual([0, 5, 25, 45]);
});

test("what changes all the time is asked for every 5 s, or as rarely as its reader says", async () => {
  let n = 1;
  answers = () => version(++n, { "Preference-Applied": "wait=20" });
  const { stop } = watch(waitingPace(isQuiet), waiting);
  await seconds(11);
  expect(times()).toEqual([0, 5, 10]);
  stop();

  queries.clear();
  asked = [];
  watch(waitingPace(isQuiet, 10_000), waiting);
  await seconds(21);
  expect(asked).toHaveLength(3);
});

test("a service that does not wait is asked every 5 s", async () => {
  watch(waitingPace(isQuiet), waiting);
  await seconds(11);

  expect(times()).toEqual([0, 5, 10]);
});

test("what is over is asked for every 30 s, however ready the service is to wait", async () => {
  answers = () => version(1, { "Preference-Applied": "wait=20" });
  watch(waitingPace(isActive), waiting);
  await seconds(31);

  expect(times()).toEqual([0, 30]);
});

test("curves back off by half while nothing is added, to 30 s, and are quick again after news", async () => {
  watch(curvePace(isQuiet));
  await seconds(100);
  const pauses = times().map((at, n, all) => Math.round(at - (all[n - 1] ?? 0)));
  expect(pauses).toEqual([0, 5, 8, 11, 17, 25, 30]);
  answers = standingAt(2);
  await seconds(30 + 4);
  asked = [];
  await seconds(6);

  expect(asked).toHaveLength(1);
});

test("curves of a job that is over are not asked for again", async () => {
  watch(curvePace(isActive));
  await seconds(600);

  expect(asked).toHaveLength(1);
});

test("what hardly ever changes is asked for once", async () => {
  watch(askedOnce);
  await seconds(600);

  expect(asked).toHaveLength(1);
});

test("a hidden tab asks nothing, and once when it is looked at again", async () => {
  watch(listPace(isActive));
  await seconds(6);
  look("hidden");
  await seconds(3600);
  expect(times()).toEqual([0, 5]);
  look("visible");
  await seconds(4);

  expect(times()).toEqual([0, 5, 3606]);
  await seconds(2);
  expect(asked).toHaveLength(4);
});

test("a hidden tab does not try again either", async () => {
  answers = () => refusal(503, { "Retry-After": "2" });
  watch(listPace(isActive));
  await seconds(1);
  look("hidden");
  await seconds(600);

  expect(asked).toHaveLength(1);
});

test.each([429, 503])("%i is obeyed: the next request comes after Retry-After", async (status) => {
  watch(listPace(isActive));
  await seconds(1);
  answers = () => refusal(status, { "Retry-After": "17" });
  await seconds(5);
  answers = standingAt(1);
  await seconds(30);

  expect(times().slice(0, 4)).toEqual([0, 5, 22, 27]);
});

test("without Retry-After the pause doubles to a minute, and news begin anew", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  answers = () => refusal(503);
  watch(listPace(isActive));
  await seconds(130);
  expect(times()).toEqual([0, 2, 6, 14, 30, 62, 122]);
  answers = standingAt(1);
  await seconds(60);
  answers = () => refusal(503);
  asked = [];
  await seconds(9);

  const [first, second] = times();
  expect((second ?? 0) - (first ?? 0)).toBe(2);
});

test("what is on the screen stays while the service is away", async () => {
  const { observer } = watch(listPace(isActive));
  await seconds(1);
  answers = () => Promise.reject(new TypeError("Failed to fetch"));
  await seconds(10);
  const { data, error } = observer.getCurrentResult();

  expect(data?.version).toBe(1);
  expect(error).toBeInstanceOf(ApiProblem);
  answers = standingAt(1);
  await seconds(60);
  expect(observer.getCurrentResult().error).toBeNull();
});

test("an answer that was cut off in its body is asked for again", async () => {
  watch(listPace(isActive));
  await seconds(1);
  answers = () => new Response('{"version": 2, "par', { headers: { ETag: 'W/"j-2"' } });
  await seconds(5);
  answers = standingAt(2);
  asked = [];
  await seconds(5);

  expect(asked.length).toBeGreaterThan(0);
});

test.each([401, 403, 404, 422])("%i is not asked again: waiting would not help", async (status) => {
  answers = () => refusal(status);
  watch(listPace(isActive));
  await seconds(600);

  expect(asked).toHaveLength(1);
});

test("a newer object that was put there by hand is not replaced by a 304", async () => {
  const { observer } = watch(listPace(isActive));
  await seconds(1);
  let release = (_: Response) => {};
  answers = () => new Promise((resolve) => (release = resolve));
  await seconds(5);
  queries.setQueryData(KEY, { version: 7, parts: [] });
  release(new Response(null, { status: 304 }));
  await seconds(0);

  expect(observer.getCurrentResult().data?.version).toBe(7);
});

test("nobody watches: nobody asks", async () => {
  const { stop } = watch(listPace(isActive));
  await seconds(1);
  stop();
  await seconds(600);

  expect(asked).toHaveLength(1);
});

test("the pause after failures lies at random between half of it and all of it", () => {
  const busy = new ApiProblem({
    status: 503,
    code: "unavailable",
    title: "",
    detail: "",
    hint: "",
    errors: [],
    instance: "",
    retryAfter: null,
    members: {},
  });

  expect(pauseAfter(busy, 3, () => 0)).toBe(4_000);
  expect(pauseAfter(busy, 3, () => 1)).toBe(8_000);
  expect(pauseAfter(busy, 30, () => 1)).toBe(60_000);
  expect(pauseAfter(new Error("a fault of this page"), 1)).toBe(false);
});
