import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { Job } from "@/api/schema";
import { reportOf } from "@/compare/sample";
import { type Asked, openDashboard, refusal } from "@/support/dashboard";
import { jobOf, pageOf } from "@/support/jobs";

const jobs = new Map<string, Job>();

function service({ path, query }: Asked): Response | object | undefined {
  const [, , things, id, part] = path.split("/");
  if (things !== "jobs") return undefined;
  if (id === undefined) {
    const found = [...jobs.values()].filter(({ name }) => name.includes(query.get("name") ?? ""));
    return pageOf(query.has("trash") ? [jobOf("job_old", { name: "old one" })] : found);
  }
  if (id === "job_secret") return refusal(403, "forbidden");
  const job = jobs.get(id);
  return job && answerOn(job, part);
}

function answerOn(job: Job, part: string | undefined): object | undefined {
  switch (part) {
    case undefined:
      return job;
    case "metrics":
      return { series: [] };
    case "verdict":
      return { verdict: "failed", gates: [gate(true), gate(false)] };
    case "report":
      return job.id === "job_swept" ? undefined : reportOf();
    default:
      return undefined;
  }
}

function gate(passed: boolean) {
  return { metric: "top1", op: ">=", value: 0.9, of: "student", measured: 0.93, passed };
}

function open(...ids: string[]) {
  return openDashboard(`/compare?jobs=${ids.join(",")}`, service);
}

beforeEach(() => {
  jobs.clear();
  const resolved = (epochs: number) => ({ recipe: { epochs } });
  jobs.set("job_a", jobOf("job_a", { name: "shelves", resolved: resolved(3), verdict: "failed" }));
  jobs.set("job_b", jobOf("job_b", { name: "fruit", resolved: resolved(9), verdict: null }));
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

test("a job whose report was swept away is named", async () => {
  jobs.set("job_swept", jobOf("job_swept", { name: "old one" }));
  open("job_a", "job_swept");
  expect(await screen.findByText("its report is not kept any more.")).toBeTruthy();
});

test("a point of the plot leads to its job", async () => {
  const { address } = open("job_a", "job_b");
  fireEvent.click(await screen.findByRole("button", { name: /fruit onnx_int8/ }));
  await waitFor(() => expect(address()).toMatch(/^\/jobs\/job_b/));
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
  const { asked } = open("job_a", "job_b");
  expect(await screen.findByText(/running: its numbers/)).toBeTruthy();
  await vi.advanceTimersByTimeAsync(1000);
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(12_000);
  const since = asked.slice(before).map(({ path }) => path);
  expect(since.filter((path) => path.startsWith("/v1/jobs/job_b")).length).toBeGreaterThan(2);
  expect(since.filter((path) => path.startsWith("/v1/jobs/job_a"))).toEqual([]);
  vi.useRealTimers();
});

test("without jobs there is a search for some", async () => {
  const { address } = openDashboard("/compare", service);
  fireEvent.change(await screen.findByRole("searchbox"), { target: { value: "shel" } });
  fireEvent.click(await screen.findByRole("checkbox", { name: "shelves" }));
  expect(await screen.findByRole("table", { name: "Results" })).toBeTruthy();
  expect(address()).toBe("/compare?jobs=job_a");
  expect(screen.getByRole("button", { name: /Add jobs/ })).toBeTruthy();
});

test("one job differs from nothing", async () => {
  open("job_a");
  expect(await screen.findByText("One job differs from nothing")).toBeTruthy();
});
