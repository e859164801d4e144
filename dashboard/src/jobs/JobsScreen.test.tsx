import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Job } from "@/api/schema";
import { openDashboard, refusal, type Service, whoami } from "@/support/dashboard";
import { jobOf, pageOf } from "@/support/jobs";

function listing(...jobs: Job[]): Service {
  return ({ path }) => (path === "/v1/jobs" ? pageOf(jobs) : undefined);
}

const row = async (name: string) => {
  const link = await screen.findByRole("link", { name });
  const found = link.closest("tr");
  if (found === null) throw new Error(`${name} is in no row`);
  return within(found);
};

async function choose(job: string, action: string) {
  fireEvent.click(await screen.findByRole("button", { name: `Actions for ${job}` }));
  fireEvent.click(screen.getByRole("menuitem", { name: action }));
}

test("a row says what is learnt from what, and how much of it is kept", async () => {
  const last = {
    top1: { value: 0.9944 },
    "training_teacher/val/top1": { value: 0.9961 },
  };
  openDashboard("/jobs", listing(jobOf("job_1", { name: "digits", last })));
  const digits = await row("digits");

  expect(digits.getByTitle("resnet18 → test_resnet")).toBeTruthy();
  expect(digits.getByTitle("The teacher has 99.61%").textContent).toContain("99.44% ▼ −0.17");
  expect(digits.getByText("passed")).toBeTruthy();
  expect(digits.getByText("took 2 min")).toBeTruthy();
});

test("a teacher of the library is shown by its name", async () => {
  const job = jobOf("job_1", { name: "a", resolved: { teacher: { checkpoint: "mdl_1" } } });
  openDashboard("/jobs", ({ path }) => {
    if (path === "/v1/jobs") return pageOf([job]);
    if (path === "/v1/models") return { data: [{ id: "mdl_1", name: "shelves-v3" }] };
    return undefined;
  });

  expect(await screen.findByText("shelves-v3")).toBeTruthy();
});

test("a running job says how far it is and how long it takes", async () => {
  const progress = { phase: "training", epoch: 3, epochs: 10, step: 3, total_steps: 10 };
  openDashboard(
    "/jobs",
    listing(
      jobOf("job_1", {
        name: "a",
        state: "running",
        phase: "training",
        progress: { ...progress, fraction: 0.3, eta_s: 90 },
      }),
    ),
  );
  const running = await row("a");

  expect(running.getByText("30% · 1 min 30 s left")).toBeTruthy();
  expect(running.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("30");
});

test("a waiting job says which place it has, and why", async () => {
  const waiting = jobOf("job_1", { name: "a", state: "queued" });
  openDashboard("/jobs", ({ path }) => {
    if (path === "/v1/jobs") return pageOf([waiting]);
    if (path === "/v1/jobs/job_1")
      return { ...waiting, queue: { position: 3, reason: "jobs_ahead" } };
    return undefined;
  });

  expect(await screen.findByText("no. 3 · behind others")).toBeTruthy();
});

test("a failed job says why", async () => {
  const failure = {
    class: "diverged",
    code: "loss_not_finite",
    message: "the loss of term 0.kd is NaN",
    hint: "lower the learning rate",
    phase: "training",
    attempt: 1,
    log_tail_url: "",
  } as const;
  openDashboard("/jobs", listing(jobOf("job_1", { name: "a", state: "failed", failure })));
  const failed = await row("a");

  expect(failed.getByText("the loss of term 0.kd is NaN").title).toContain("lower the learning");
});

test("filters of the address are asked for, and shown", async () => {
  const { asked } = openDashboard(
    "/jobs?state=running&label=team%3Dretail&name=shelf&sort=-priority",
    listing(jobOf("job_1")),
  );
  await screen.findByText("team=retail");

  expect(asked[0]?.query.toString()).toBe(
    "name=shelf&sort=-priority&state=running&label=team%3Dretail&limit=50",
  );
  expect(screen.getByLabelText("Name contains")).toHaveProperty("value", "shelf");
});

test("a filter goes into the address, and can be dropped again", async () => {
  const { address } = openDashboard("/jobs", listing(jobOf("job_1")));
  fireEvent.click(await screen.findByRole("button", { name: "Failed" }));
  await waitFor(() => expect(address()).toBe("/jobs?state=failed"));
  fireEvent.click(await screen.findByRole("button", { name: "Clear all filters" }));

  await waitFor(() => expect(address()).toBe("/jobs"));
});

test("the trash is shown, and left again", async () => {
  const { asked, address } = openDashboard("/jobs", listing(jobOf("job_1")));
  const trash = await screen.findByRole("button", { name: "Trash" });
  fireEvent.click(trash);
  await waitFor(() => expect(address()).toBe("/jobs?trash=true"));
  await waitFor(() => expect(asked.at(-1)?.query.get("trash")).toBe("true"));
  fireEvent.click(trash);

  await waitFor(() => expect(address()).toBe("/jobs"));
});

test("typing asks once, when it pauses", async () => {
  const { asked, address } = openDashboard("/jobs", listing(jobOf("job_1")));
  const name = await screen.findByLabelText("Name contains");
  for (const value of ["s", "sh", "shelf"]) fireEvent.change(name, { target: { value } });
  await waitFor(() => expect(address()).toBe("/jobs?name=shelf"));
  await screen.findByRole("button", { name: "Clear all filters" });

  expect(asked.map(({ query }) => query.get("name"))).toEqual([null, "shelf"]);
});

test("cancelling is asked about, done once, and seen at once", async () => {
  const running = jobOf("job_1", { name: "a", state: "running", phase: "training" });
  const { asked } = openDashboard("/jobs", ({ path, method }) => {
    if (path === "/v1/jobs") return pageOf([running]);
    if (method === "POST" && path === "/v1/jobs/job_1/cancel")
      return Response.json({ ...running, state: "cancelling", version: 2 }, { status: 202 });
    return undefined;
  });
  await choose("a", "Cancel…");
  expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Cancel the job" }));

  expect(await (await row("a")).findByText("cancelling")).toBeTruthy();
  const [post, ...others] = asked.filter(({ method }) => method === "POST");
  expect(post?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
  expect(others).toEqual([]);
});

test("what the service refuses is said with the way out", async () => {
  openDashboard("/jobs", ({ path, method }) => {
    if (path === "/v1/jobs") return pageOf([jobOf("job_1", { name: "a", state: "running" })]);
    if (method === "POST")
      return refusal(409, "invalid_transition", { detail: "it is over", hint: "retry it" });
    return undefined;
  });
  await choose("a", "Pause");

  expect(await screen.findByText("It is over.")).toBeTruthy();
  expect(screen.getByText("Retry it.")).toBeTruthy();
});

test("a deleted job leaves the list", async () => {
  let isThere = true;
  openDashboard("/jobs", ({ path, method }) => {
    if (method === "DELETE") {
      isThere = false;
      return new Response(null, { status: 204 });
    }
    return path === "/v1/jobs"
      ? pageOf(isThere ? [jobOf("job_1", { name: "a" }), jobOf("job_2")] : [jobOf("job_2")])
      : undefined;
  });
  await choose("a", "Delete…");
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));

  await waitFor(() => expect(screen.queryByRole("link", { name: "a" })).toBeNull());
});

test("a key that may only read is offered no verbs", async () => {
  openDashboard("/jobs", ({ path }) => {
    if (path === "/v1/me") return whoami(["jobs:read"]);
    return path === "/v1/jobs" ? pageOf([jobOf("job_1", { name: "a" })]) : undefined;
  });
  fireEvent.click(await screen.findByRole("button", { name: "Actions for a" }));

  for (const item of screen.getAllByRole("menuitem")) expect(item).toHaveProperty("disabled", true);
});

test("rows that are ticked are compared", async () => {
  openDashboard("/jobs", listing(jobOf("job_1", { name: "a" }), jobOf("job_2", { name: "b" })));
  for (const name of ["a", "b"]) fireEvent.click((await row(name)).getByRole("checkbox"));

  expect(screen.getByRole("link", { name: "Compare them" }).getAttribute("href")).toBe(
    "/compare?jobs=job_1,job_2",
  );
});

test("where there are no jobs yet, there is the way to the first one", async () => {
  openDashboard("/jobs", listing());
  await screen.findByText("No jobs yet");

  expect(screen.getByText(/^still demo --url http/)).toBeTruthy();
  expect(screen.getAllByRole("link", { name: "New job" })).toHaveLength(3);
});

test("where no job is like that, all others are one click away", async () => {
  const { address } = openDashboard("/jobs?name=nothing", listing());
  fireEvent.click(await screen.findByRole("button", { name: "Show all jobs" }));

  await waitFor(() => expect(address()).toBe("/jobs"));
});

test("a key that may not read jobs is told so", async () => {
  openDashboard("/jobs", ({ path }) =>
    path === "/v1/jobs"
      ? refusal(403, "forbidden", { detail: "the key lacks jobs:read", hint: "use another" })
      : undefined,
  );

  expect(await screen.findByText("Your key may not see this")).toBeTruthy();
  expect(screen.getByText("The key lacks jobs:read.")).toBeTruthy();
});

test("the rows after the last one are loaded as one goes on", async () => {
  openDashboard("/jobs", ({ path, query }) => {
    if (path !== "/v1/jobs") return undefined;
    return query.get("cursor") === "next"
      ? pageOf([jobOf("job_2", { name: "b" })])
      : pageOf([jobOf("job_1", { name: "a" })], "next");
  });

  expect(await screen.findByRole("link", { name: "b" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "a" })).toBeTruthy();
});
