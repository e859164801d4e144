/** For tests: jobs as the service sends them. */
import type { Job, JobPage } from "@/api/schema";

export function jobOf(id: string, differing: Partial<Job> = {}): Job {
  return {
    id,
    name: `name of ${id}`,
    project: "default",
    labels: {},
    parent_id: null,
    state: "succeeded",
    phase: null,
    progress: null,
    queue: null,
    attempt: 1,
    attempts: [],
    priority: "normal",
    fingerprint: "c3ab",
    spec: {},
    resolved: { teacher: { architecture: "resnet18" }, student: { architecture: "test_resnet" } },
    failure: null,
    verdict: "passed",
    best: {},
    last: {},
    created_at: "2026-01-01T00:00:00Z",
    started_at: "2026-01-01T00:00:05Z",
    finished_at: "2026-01-01T00:02:05Z",
    deleted_at: null,
    version: 1,
    links: { self: "", events: "", metrics: "", logs: "", artifacts: "", bundle: "", verdict: "" },
    ...differing,
  };
}

export function pageOf(data: readonly Job[], next: string | null = null): JobPage {
  return { data: [...data], next_cursor: next, has_more: next !== null };
}
