import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import { openQueries } from "@/api/polling";
import type { Job, MetricSeries } from "@/api/schema";
import { SessionContext } from "@/session/session";
import { jobOf } from "@/support/jobs";
import { Charts } from "./Charts";
import type { Curves } from "./increments";

const RUNNING: Job = jobOf("job_1", { state: "running", phase: "training", verdict: null });

function series(name: string, values: number[], sampled = false): MetricSeries {
  const steps = values.map((_, place) => 10 * place);
  const nothing = steps.map(() => null);
  return { name, steps, values, epochs: nothing, nonfinite: nothing, sampled };
}

const TEN = Array.from({ length: 10 }, (_, place) => place + 1);

function curvesOf(all: MetricSeries[], more: Partial<Curves> = {}): Curves {
  return {
    series: all,
    ...{ attempt: 1, known: {}, found: {}, tag: null, isFinal: false },
    asked: { names: [], since: 0 },
    ...more,
  };
}

/** From where to where finer points were asked for. */
let stretches: string[];

beforeEach(() => {
  vi.useFakeTimers();
  stretches = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const query = new URL(request.url).searchParams;
    const until = query.get("until_step");
    if (until !== null) stretches.push(`${query.get("since_step")}-${until}`);
    return Response.json({ series: [] });
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(job: Job, curves: Curves) {
  const api = openApi({ key: "sh_live_1" });
  const queries = openQueries();
  const me = {} as never;
  const session = { key: "sh_live_1", me, api, queries, signIn: vi.fn(), signOut: vi.fn() };
  const page = (now: Curves) => (
    <SessionContext.Provider value={session}>
      <QueryClientProvider client={queries}>
        <Charts job={job} training="" curves={now} />
      </QueryClientProvider>
    </SessionContext.Provider>
  );
  const { rerender } = render(page(curves));
  return { show: (now: Curves) => rerender(page(now)) };
}

const rest = () => act(() => vi.advanceTimersByTimeAsync(1000));

async function zoomIn() {
  const [first] = screen.getAllByRole("button", { name: "Zoom in" });
  if (first === undefined) throw new Error("no chart");
  fireEvent.click(first);
  await rest();
}

test("several teachers have the one line that all of them make together", () => {
  const resolved = { teachers: [{ architecture: "resnet18" }, { architecture: "resnet34" }] };
  const last = { teacher_top1: { value: 0.875, step: 0, epoch: null } };
  open({ ...RUNNING, resolved, last }, curvesOf([series("val/top1", [0.1, 0.5])]));

  const entries = screen.getAllByRole("listitem").map((item) => item.textContent);

  expect(entries).toContain("teacher87.5%");
});

test("a chart that is stacked or no more stays zoomed with the others", async () => {
  const terms = [series("train/term/0.ce", TEN), series("train/term/1.kd", TEN)];
  open(RUNNING, curvesOf([series("train/loss", TEN), ...terms]));
  await zoomIn();
  expect(screen.getAllByRole("button", { name: "Show all" })).toHaveLength(2);

  fireEvent.click(screen.getByRole("switch", { name: "stacked" }));
  await rest();

  expect(screen.getAllByRole("button", { name: "Show all" })).toHaveLength(2);
});

test("finer points of steps that are done once more are asked for anew", async () => {
  const all = [series("train/loss", TEN, true)];
  const at = (step: number | null) =>
    curvesOf(all, { attempt: 2, known: step === null ? {} : { "train/loss": step } });
  const { show } = open(RUNNING, at(null));
  await zoomIn();
  expect(stretches).toEqual(["20-70"]);

  for (const step of [10, 45, 46, 80, 90]) {
    show(at(step));
    await rest();
  }

  // While it is behind the stretch or before it nothing changes there.
  expect(stretches).toEqual(Array(3).fill("20-70"));
});
