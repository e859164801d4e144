import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "@/api/schema";
import { Comparison } from "@/compare/Comparison";
import { jobOf, reportOf, sizes } from "@/compare/sample";
import { openGate } from "@/session/gate";
import { SignedIn } from "@/session/SignedIn";

const jobs = new Map<string, Job>();
const asked: string[] = [];
const opened = vi.fn();

const SCOPES = ["jobs:read", "artifacts:read"];

function answer(url: URL): Response {
  const [, , things, id, part] = url.pathname.split("/");
  if (things === "me") {
    return Response.json({ tenant: "t", key: { name: "k", project: null, scopes: SCOPES } });
  }
  if (things === "artifacts") {
    const fronts = sizes(["student", 0.93, 1.5], ["onnx_int8", 0.92, 0.4]);
    return Response.json(reportOf({ fronts }));
  }
  if (id === undefined) {
    const found = [...jobs.values()].filter((job) =>
      job.name.includes(url.searchParams.get("name") ?? ""),
    );
    const data = url.searchParams.has("trash") ? [jobOf("job_old", { name: "old one" })] : found;
    return Response.json({ data, next_cursor: null, has_more: false });
  }
  const job = jobs.get(id);
  if (id === "job_secret") return refused(403, "forbidden");
  if (job === undefined) return refused(404, "not_found");
  switch (part) {
    case undefined:
      return Response.json(job);
    case "metrics":
      return Response.json({ series: [] });
    case "verdict":
      return Response.json({ verdict: "failed", gates: [gate(true), gate(false)] });
    default:
      return Response.json({ data: [{ id: `art_${id}`, path: "report.json" }] });
  }
}

function gate(passed: boolean) {
  return { metric: "top1", op: ">=", value: 0.9, of: "student", measured: 0.93, passed };
}

function refused(status: number, code: string): Response {
  const headers = { "Content-Type": "application/problem+json" };
  return new Response(JSON.stringify({ code, title: code }), { status, headers });
}

function Held({ first }: { first: readonly string[] }) {
  const [ids, setIds] = useState(first);
  return (
    <Comparison ids={ids} onIds={setIds} cost="size_mb" onCost={() => undefined} onOpen={opened} />
  );
}

function open(...ids: string[]) {
  render(
    <SignedIn gate={openGate(null)}>
      <Held first={ids} />
    </SignedIn>,
  );
}

beforeEach(() => {
  sessionStorage.setItem("stillhouse.key", "sh_live_1");
  asked.length = 0;
  jobs.clear();
  const resolved = (epochs: number) => ({ recipe: { epochs } });
  jobs.set("job_a", jobOf("job_a", { name: "shelves", resolved: resolved(3), verdict: "failed" }));
  jobs.set("job_b", jobOf("job_b", { name: "fruit", resolved: resolved(9) }));
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    asked.push(url.pathname);
    return answer(url);
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("jobs stand side by side with what they have measured and how they differ", async () => {
  open("job_a", "job_b");
  const results = within(await screen.findByRole("table", { name: "Results" }));
  await waitFor(() => expect(results.getAllByText("93.00%")).toHaveLength(2));
  expect(results.getAllByText("−2.00")).toHaveLength(2);
  expect(await results.findByText("1 of 2")).toBeTruthy();

  const differences = within(screen.getByRole("table", { name: /Differences/ }));
  expect(differences.getByText("recipe.epochs")).toBeTruthy();
  expect(differences.getByText("9")).toBeTruthy();
});

test("a point of the plot leads to its job", async () => {
  open("job_a", "job_b");
  fireEvent.click(await screen.findByRole("button", { name: /fruit onnx_int8/ }));
  expect(opened).toHaveBeenCalledWith("job_b");
});

test("what is missing is named, and the rest stays", async () => {
  open("job_a", "job_gone", "job_old", "job_secret");
  expect(await screen.findByText("old one was deleted")).toBeTruthy();
  expect(screen.getByText("There is no job job_gone")).toBeTruthy();
  expect(screen.getByText("This key may not see job_secret")).toBeTruthy();
  expect(screen.getByRole("table", { name: "Results" })).toBeTruthy();

  fireEvent.click(screen.getAllByRole("button", { name: "Take it out" })[0] ?? document.body);
  await waitFor(() => expect(screen.queryByText("There is no job job_gone")).toBeNull());
});

test("a job that is not finished is named, and it alone is asked again", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  jobs.set("job_b", jobOf("job_b", { name: "fruit", state: "running" }));
  open("job_a", "job_b");
  expect(await screen.findByText(/running: its numbers/)).toBeTruthy();
  await vi.advanceTimersByTimeAsync(1000);
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(12_000);
  expect(asked.filter((path) => path.startsWith("/v1/jobs/job_b")).length).toBeGreaterThan(2);
  expect(asked.filter((path) => path.startsWith("/v1/jobs/job_a"))).toEqual([]);
});

test("without jobs there is a search for some", async () => {
  open();
  fireEvent.change(await screen.findByRole("searchbox"), { target: { value: "shel" } });
  fireEvent.click(await screen.findByRole("checkbox", { name: "shelves" }));
  expect(await screen.findByRole("table", { name: "Results" })).toBeTruthy();
  expect(screen.getByRole("button", { name: /Add jobs/ })).toBeTruthy();
});

test("one job differs from nothing", async () => {
  open("job_a");
  expect(await screen.findByText("One job differs from nothing")).toBeTruthy();
});
