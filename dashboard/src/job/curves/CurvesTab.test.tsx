import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import { openQueries } from "@/api/polling";
import type { Job } from "@/api/schema";
import { SessionContext } from "@/session/session";
import { jobOf } from "@/support/jobs";
import { CurvesTab } from "./CurvesTab";

const RUNNING: Job = jobOf("job_1", {
  ...{ state: "running", phase: "training", verdict: null, finished_at: null },
  resolved: { loss: [{ kind: "kd", weight: 1 }] },
  last: { "train/loss": { value: 2, step: 20, epoch: 1 } },
});

let asked: { at: number; query: string; tag: string | null }[];
let answer: (query: URLSearchParams) => Response;

function points(name: string, steps: number[]): Response {
  const nothing = steps.map(() => null);
  const series = [
    { name, steps, values: steps, epochs: nothing, nonfinite: nothing, sampled: false },
  ];
  return Response.json({ series }, { headers: { ETag: `W/"j-${steps.at(-1)}"` } });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  asked = [];
  answer = () => points("train/loss", [10, 20]);
  vi.stubGlobal("fetch", async (request: Request) => {
    const query = new URL(request.url).searchParams;
    asked.push({
      at: Date.now() / 1000,
      query: query.get("since_step") ?? "",
      tag: request.headers.get("If-None-Match"),
    });
    return answer(query);
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(job: Job) {
  const api = openApi({ key: "sh_live_1" });
  const queries = openQueries();
  const me = {} as never;
  const session = { key: "sh_live_1", me, api, queries, signIn: vi.fn(), signOut: vi.fn() };
  const page = (now: Job) => (
    <SessionContext.Provider value={session}>
      <QueryClientProvider client={queries}>
        <CurvesTab job={now} />
      </QueryClientProvider>
    </SessionContext.Provider>
  );
  const { rerender } = render(page(job));
  return { show: (now: Job) => rerender(page(now)) };
}

const seconds = (n: number) => act(() => vi.advanceTimersByTimeAsync(n * 1000));
const at = (step: number) => ({ last: { "train/loss": { value: 1, step, epoch: 1 } } });

test("a job that has measured nothing says when curves begin, and asks for nothing", async () => {
  open({ ...RUNNING, state: "queued", last: {} });
  await seconds(60);
  expect(screen.getByText("No points yet")).toBeTruthy();
  expect(asked).toEqual([]);
});

test("a job that ended before it trained says so", () => {
  open({ ...RUNNING, state: "failed", last: {} });
  expect(screen.getByText("No curves")).toBeTruthy();
});

test("while it runs only what is new is asked for, every five seconds", async () => {
  const { show } = open(RUNNING);
  await seconds(1);
  expect(screen.getByText("Loss")).toBeTruthy();
  answer = () => points("train/loss", [20, 30]);
  show({ ...RUNNING, ...at(30) });
  await seconds(5);
  expect(asked.map(({ query }) => query)).toEqual(["0", "20"]);
  expect(screen.getAllByText("30.00").length).toBeGreaterThan(0);
});

test("without news it asks less often, with the tag of what it has", async () => {
  open(RUNNING);
  await seconds(1);
  answer = () => points("train/loss", [20]);
  await seconds(5);
  answer = () => new Response(null, { status: 304 });
  await seconds(60);
  const later = asked.slice(2);
  expect(new Set(later.map(({ tag }) => tag))).toEqual(new Set(['W/"j-20"']));
  const pauses = later.slice(1).map(({ at }, place) => at - (later[place]?.at ?? 0));
  expect(pauses).toEqual([7.5, 11.25, 16.875]);
});

test("once the job is over it asks a last time", async () => {
  const { show } = open(RUNNING);
  await seconds(1);
  show({ ...RUNNING, state: "succeeded" });
  await seconds(120);
  expect(asked).toHaveLength(2);
});

test("a service that does not answer leaves the curves, and says that they are old", async () => {
  open(RUNNING);
  await seconds(1);
  answer = () => Response.error();
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("no network");
  });
  await seconds(6);
  expect(screen.getByText(/These curves are not up to date/)).toBeTruthy();
  expect(screen.getByText("Loss")).toBeTruthy();
});

test("a refusal says what is wrong and the way out", async () => {
  const refusal = { status: 403, code: "missing_scope", title: "Not allowed", detail: "no scope" };
  answer = () => Response.json({ ...refusal, hint: "ask for jobs:read" }, { status: 403 });
  open(RUNNING);
  await seconds(1);
  expect(screen.getByText(/The curves cannot be shown: Not allowed/)).toBeTruthy();
  expect(screen.getByText("ask for jobs:read")).toBeTruthy();
});

test("where a later attempt went on is asked for once, and once more when it has moved", async () => {
  const attempt = { started_at: "2026-01-01T00:00:00Z", finished_at: null, worker: "w" };
  const attempts = [
    { number: 1, state: "lost", reason: null, ...attempt },
    { number: 2, state: "running", reason: null, ...attempt },
  ];
  const starts: string[] = [];
  answer = (query) => {
    if (query.get("attempt") === null) return points("train/loss", [10, 20]);
    starts.push(query.toString());
    return points("train/loss", [15, 20]);
  };
  const { show } = open({ ...RUNNING, attempt: 2, attempts });
  await seconds(1);
  show({ ...RUNNING, ...at(30), attempt: 2, attempts });
  await seconds(20);
  expect(starts).toEqual(Array(2).fill("names=train%2Floss&attempt=2&max_points=2"));
});
