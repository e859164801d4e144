import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Key, Scope } from "@/api/schema";
import { openDashboard, refusal, whoami } from "@/support/dashboard";

const ADMIN: readonly Scope[] = ["admin"];

function keyOf(id: string, differing: Partial<Key> = {}): Key {
  return { ...whoami().key, id, name: `name of ${id}`, parent_id: null, ...differing, scopes: [] };
}

function keysOf(...keys: Key[]) {
  return { data: keys, next_cursor: null, has_more: false };
}

async function choose(key: string, action: string) {
  fireEvent.click(await screen.findByRole("button", { name: `Actions for ${key}` }));
  fireEvent.click(screen.getByRole("menuitem", { name: action }));
}

test("a worker tells what it is made of and what it works on", async () => {
  openDashboard("/system", ({ path }) =>
    path === "/v1/workers"
      ? {
          data: [
            {
              id: "wrk_1",
              name: "gpu-box",
              host: "gpu-box",
              state: "active",
              queues: ["gpu"],
              slots: 3,
              busy: 2,
              jobs: ["job_1"],
              machine: {
                version: "0.1.0",
                processors: 16,
                memory_bytes: 8e9,
                gpus: [{ name: "L4", memory_bytes: 24e9 }],
              },
              started_at: "2026-01-01T00:00:00Z",
              heartbeat_at: "2026-01-01T00:00:00Z",
            },
          ],
        }
      : undefined,
  );
  const row = within(await screen.findByRole("row", { name: /gpu-box/ }));

  expect(row.getByText("2 of 3")).toBeTruthy();
  expect(row.getByText("1 of others")).toBeTruthy();
  expect(row.getByRole("link", { name: "job_1" }).getAttribute("href")).toBe("/jobs/job_1");
  expect(row.getByText("L4 (24.0 GB) · 16 processors · 8.00 GB · version 0.1.0")).toBeTruthy();
});

test("where nobody works, it is said how long jobs wait", async () => {
  openDashboard("/system?tab=queue", ({ path }) =>
    path === "/v1/queue"
      ? {
          projects: [
            { project: "shelves", queued: 4, at_work: 0, oldest_queued_at: "2026-01-01T00:00:00Z" },
          ],
          queued: 4,
          at_work: 0,
          slots: 0,
        }
      : undefined,
  );
  const link = await screen.findByRole("link", { name: "shelves" });

  expect(link.getAttribute("href")).toBe("/jobs?project=shelves");
  expect(screen.getByText("No worker is up")).toBeTruthy();
});

test("what is kept is shown with its size, and how long it stays", async () => {
  openDashboard("/system?tab=storage", ({ path }) =>
    path === "/v1/storage"
      ? {
          data: [{ kind: "models", count: 3, bytes: 2e6 }],
          retention: { trash_s: 604_800, uploads_s: 86_400, recordings_bytes: 2e10 },
          disk: { free_bytes: 1e9, total_bytes: 4e9 },
        }
      : undefined,
  );

  expect(await screen.findByText("Models")).toBeTruthy();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("75");
  expect(screen.getByText("up to 20.0 GB")).toBeTruthy();
});

test("a key that lacks a scope is told which, and nothing is asked for", async () => {
  const { asked } = openDashboard("/system?tab=queue", ({ path }) =>
    path === "/v1/me" ? whoami(["data:write"]) : undefined,
  );

  expect(await screen.findByText("Your key may not see the queue")).toBeTruthy();
  expect(screen.getByText("jobs:read")).toBeTruthy();
  expect(asked).toEqual([]);
});

test("a key without admin sees what itself may do, and no other", async () => {
  const { asked } = openDashboard("/system?tab=keys", () => undefined);

  expect(await screen.findByText("Your key may not see other keys")).toBeTruthy();
  expect(screen.getByText("jobs:write")).toBeTruthy();
  expect(asked).toEqual([]);
});

test("a key is made with what was chosen, and its token is shown this once", async () => {
  const { asked } = openDashboard("/system?tab=keys", ({ path, method }) => {
    if (path === "/v1/me") return whoami(ADMIN);
    if (path !== "/v1/keys") return undefined;
    if (method === "GET") return keysOf();
    return Response.json({ ...keyOf("key_2"), token: "sh_live_new" }, { status: 201 });
  });
  fireEvent.click(await screen.findByRole("button", { name: "New key" }));
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: "nightly" } });
  fireEvent.click(screen.getByRole("checkbox", { name: /data:write/ }));
  fireEvent.change(screen.getByLabelText("Project"), { target: { value: "shelves" } });
  fireEvent.change(screen.getByLabelText("Expires"), { target: { value: "" } });
  fireEvent.click(screen.getByRole("button", { name: "Make the key" }));
  await screen.findByText("sh_live_new");

  expect(JSON.parse(asked.find(({ method }) => method === "POST")?.body ?? "")).toEqual({
    name: "nightly",
    scopes: ["jobs:read", "jobs:write", "artifacts:read"],
    project: "shelves",
  });
  fireEvent.click(screen.getByRole("button", { name: "I have kept it" }));
  await waitFor(() => expect(screen.queryByText("sh_live_new")).toBeNull());
});

test("rotating says for how long the token before is good", async () => {
  const { asked } = openDashboard("/system?tab=keys", ({ path }) => {
    if (path === "/v1/me") return whoami(ADMIN);
    if (path === "/v1/keys") return keysOf(keyOf("key_2", { name: "nightly" }));
    if (path === "/v1/keys/key_2/rotate")
      return {
        ...keyOf("key_2"),
        token: "sh_live_2",
        previous_valid_until: "2026-01-02T00:00:00Z",
      };
    return undefined;
  });
  await choose("nightly", "Rotate…");
  fireEvent.change(screen.getByLabelText("The token that it has now"), {
    target: { value: "86400" },
  });
  fireEvent.click(screen.getByRole("button", { name: "Rotate it" }));

  expect(await screen.findByText("sh_live_2")).toBeTruthy();
  expect(screen.getByText(/The token before is good until/)).toBeTruthy();
  expect(asked.find(({ method }) => method === "POST")?.body).toBe('{"overlap_s":86400}');
});

test("revoking is asked about, and what is refused is said", async () => {
  const { asked } = openDashboard("/system?tab=keys", ({ path, method }) => {
    if (path === "/v1/me") return whoami(ADMIN);
    if (path === "/v1/keys") return keysOf(keyOf("key_2", { name: "nightly" }));
    if (method === "DELETE") return refusal(404, "not_found", { detail: "there is no such key" });
    return undefined;
  });
  await choose("nightly", "Revoke…");
  expect(asked.filter(({ method }) => method === "DELETE")).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Revoke it" }));

  expect(await screen.findByText("there is no such key")).toBeTruthy();
});
