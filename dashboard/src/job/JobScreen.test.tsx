import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Job } from "@/api/schema";
import { type Asked, openDashboard, refusal, type Service, whoami } from "@/support/dashboard";
import { jobOf } from "@/support/jobs";

const TAGGED = (job: Job) =>
  Response.json(job, {
    headers: { ETag: `W/"j-${job.version}"`, "Preference-Applied": "wait=20" },
  });

/** A service with this one job, and whatever else `more` knows. */
function having(job: Job, more: Service = () => undefined): Service {
  return (asked) => {
    const found = more(asked);
    if (found !== undefined) return found;
    if (asked.method === "GET" && asked.path === `/v1/jobs/${job.id}`) return TAGGED(job);
    if (asked.path.endsWith("/verdict")) return { verdict: "pending", gates: [] };
    return undefined;
  };
}

const RUNNING = jobOf("job_1", {
  name: "digits",
  state: "running",
  phase: "training",
  progress: {
    ...{ phase: "training", epoch: 3, epochs: 10, step: 30, total_steps: 100 },
    ...{ fraction: 0.3, eta_s: 90 },
  },
  best: { "val/top1": { value: 0.97, step: 20, epoch: 2 } },
  last: { "val/top1": { value: 0.95, step: 30, epoch: 3 } },
});

function patches(asked: readonly Asked[]) {
  return asked.filter(({ method }) => method === "PATCH");
}

async function rename(to: string) {
  fireEvent.click(await screen.findByRole("button", { name: "More to do with this job" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Name and labels…" }));
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: to } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
}

test("a running job says how far it is and what is known so far", async () => {
  openDashboard("/jobs/job_1", having(RUNNING));

  expect(await screen.findByText("Train student · epoch 3 of 10, step 30 of 100")).toBeTruthy();
  expect(screen.getByText("30% · about 1 min 30 s left of this phase")).toBeTruthy();
  expect(screen.getByText("97.00%")).toBeTruthy();
  expect(screen.getByText("95.00%")).toBeTruthy();
});

test("a job that waits says where, and why", async () => {
  const queue = { position: 3, reason: "no_worker" } as const;
  openDashboard("/jobs/job_1", having(jobOf("job_1", { state: "queued", queue })));

  expect(
    await screen.findByText("Number 3 in the queue: no worker that could take it is up"),
  ).toBeTruthy();
});

test("a job that failed says why and whose fault it is, and shows its last lines", async () => {
  const failure: NonNullable<Job["failure"]> = {
    class: "diverged",
    ...{ code: "loss_not_finite", message: "the loss is NaN" },
    ...{ hint: "lower the learning rate", phase: "training", attempt: 1 },
    log_tail_url: "/v1/jobs/job_1/logs?after_seq=7",
  };
  const line = { seq: 8, at: "2026-01-01T00:00:00Z", attempt: 1, stream: "stderr", level: "error" };
  const { asked } = openDashboard(
    "/jobs/job_1",
    having(jobOf("job_1", { state: "failed", failure }), ({ path }) =>
      path.endsWith("/logs")
        ? { data: [{ ...line, text: "step 12: nan" }], next_after_seq: 8, has_more: false }
        : undefined,
    ),
  );
  fireEvent.click(await screen.findByRole("button", { name: "Last lines of the log" }));

  expect(await screen.findByText("step 12: nan")).toBeTruthy();
  expect(screen.getByText("training diverged")).toBeTruthy();
  expect(screen.getByText("lower the learning rate")).toBeTruthy();
  expect(asked.find(({ path }) => path.endsWith("/logs"))?.query.get("after_seq")).toBe("7");
});

test("each gate says what was measured, or why nothing was", async () => {
  const gate = { op: ">=", of: "student", value: 0.9 };
  openDashboard(
    "/jobs/job_1",
    having(jobOf("job_1", { verdict: "failed" }), ({ path }) =>
      path.endsWith("/verdict")
        ? {
            verdict: "failed",
            gates: [
              { ...gate, metric: "top1", measured: 0.95, passed: true, reason: null },
              { ...gate, metric: "ece", measured: null, passed: false, reason: "no labels" },
            ],
          }
        : undefined,
    ),
  );

  expect(await screen.findByText("95.00%")).toBeTruthy();
  expect(screen.getByText("no labels")).toBeTruthy();
  expect(screen.getByText("1 of 2 met.")).toBeTruthy();
});

test("cancelling is asked about first", async () => {
  const { asked } = openDashboard(
    "/jobs/job_1",
    having(RUNNING, ({ path }) =>
      path.endsWith("/cancel")
        ? TAGGED({ ...RUNNING, state: "cancelling", version: 2 })
        : undefined,
    ),
  );
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(asked.some(({ method }) => method === "POST")).toBe(false);
  fireEvent.click(screen.getByRole("button", { name: "Cancel the job" }));

  expect(await screen.findByText("cancelling")).toBeTruthy();
});

test("a retry leads to the new job", async () => {
  const next = jobOf("job_2", { state: "queued", parent_id: "job_1" });
  const { address } = openDashboard(
    "/jobs/job_1",
    having(jobOf("job_1", { state: "cancelled" }), ({ path }) =>
      path.endsWith("/retry") || path === "/v1/jobs/job_2" ? TAGGED(next) : undefined,
    ),
  );
  fireEvent.click(await screen.findByRole("button", { name: "Retry" }));

  await waitFor(() => expect(address()).toBe("/jobs/job_2"));
});

test("a job that trains on meanwhile is still renamed, by the tag it has then", async () => {
  let version = 1;
  const { asked } = openDashboard(
    "/jobs/job_1",
    having(RUNNING, ({ method, path, headers }) => {
      if (method === "GET" && path === "/v1/jobs/job_1") return TAGGED({ ...RUNNING, version });
      if (method !== "PATCH") return undefined;
      if (version === 1) {
        version = 5;
        return refusal(412, "precondition_failed");
      }
      expect(headers.get("If-Match")).toBe('W/"j-5"');
      return TAGGED({ ...RUNNING, name: "renamed", version: 6 });
    }),
  );
  await screen.findByText("digits");
  await rename("renamed");

  expect(await screen.findByRole("heading", { name: "renamed" })).toBeTruthy();
  expect(patches(asked).map(({ body }) => JSON.parse(body))).toEqual([
    { name: "renamed" },
    { name: "renamed" },
  ]);
});

test("what somebody else has changed is not written over, but shown", async () => {
  let name = "digits";
  const { asked } = openDashboard(
    "/jobs/job_1",
    having(RUNNING, ({ method, path }) => {
      if (method === "GET" && path === "/v1/jobs/job_1") return TAGGED({ ...RUNNING, name });
      if (method !== "PATCH") return undefined;
      name = "theirs";
      return refusal(412, "precondition_failed");
    }),
  );
  await screen.findByText("digits");
  await rename("mine");
  fireEvent.click(await screen.findByRole("button", { name: "Show it" }));

  expect(patches(asked)).toHaveLength(1);
  expect(screen.getByLabelText(/^Name/)).toHaveProperty("value", "theirs");
});

test("a key that may only read is offered nothing to do", async () => {
  openDashboard(
    "/jobs/job_1",
    having(RUNNING, ({ path }) => (path === "/v1/me" ? whoami(["jobs:read"]) : undefined)),
  );
  await screen.findByText("digits");

  expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
  expect(screen.queryByRole("button", { name: "More to do with this job" })).toBeNull();
});

test("a job that is not there says so, with a way back", async () => {
  openDashboard("/jobs/job_9", () => undefined);

  expect(await screen.findByText("There is no job of this id")).toBeTruthy();
  expect(screen.getByRole("link", { name: "All jobs" })).toBeTruthy();
});
