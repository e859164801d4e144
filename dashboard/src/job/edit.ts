/** The name, the labels and the priority of a job, changed so that nobody's change is lost. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, bodyOf } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { Job, JobPatch } from "@/api/schema";
import { answerOf, ifMatch } from "@/api/tags";
import { putJob } from "@/jobs/job";
import { LISTS } from "@/jobs/queries";
import { useApi } from "@/session/session";

export interface Editable {
  name: string;
  labels: Record<string, string>;
  priority: Job["priority"];
}

const TRIES = 5;

/** Somebody else has changed what was being edited. */
export class Overtaken extends Error {
  readonly now: Job;

  constructor(now: Job) {
    super("The job was changed elsewhere meanwhile");
    this.name = "Overtaken";
    this.now = now;
  }
}

export function useEdit(opened: Job, onSaved: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Editable) => saved(api, opened, wanted),
    onSuccess: (job) => {
      putJob(queries, job);
      void queries.invalidateQueries({ queryKey: LISTS });
      onSaved();
    },
  });
}

/**
 * A job that trains has a new version every second, so a 412 alone says little: what counts is
 * whether that which is edited here is still as the editor saw it.
 */
async function saved(api: Api, opened: Job, wanted: Editable): Promise<Job> {
  const path = { job_id: opened.id };
  let current = opened;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { news } = answerOf(
        await api.PATCH("/v1/jobs/{job_id}", {
          params: { path, header: ifMatch(current) },
          body: patchOf(opened, wanted),
        }),
      );
      return news ?? current;
    } catch (error) {
      if (!isStale(error) || attempt === TRIES) throw error;
      current = await now(api, opened.id);
      if (!isAsItWas(opened, current)) throw new Overtaken(current);
    }
  }
}

async function now(api: Api, jobId: string): Promise<Job> {
  const told = await api.GET("/v1/jobs/{job_id}", { params: { path: { job_id: jobId } } });
  return answerOf(told).news ?? bodyOf(told);
}

/** Only what differs: a priority that is sent unchanged would be refused once the job has started. */
export function patchOf(before: Editable, wanted: Editable): JobPatch {
  const labels: Record<string, string | null> = {};
  for (const name of Object.keys(before.labels)) {
    if (!(name in wanted.labels)) labels[name] = null;
  }
  for (const [name, value] of Object.entries(wanted.labels)) {
    if (before.labels[name] !== value) labels[name] = value;
  }
  return {
    ...(wanted.name !== before.name && { name: wanted.name }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(wanted.priority !== before.priority && { priority: wanted.priority }),
  };
}

function isAsItWas(before: Editable, current: Editable): boolean {
  return Object.keys(patchOf(before, current)).length === 0;
}

function isStale(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === "precondition_failed";
}
