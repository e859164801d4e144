/** What can be done to a job, and doing it: the service answers with the job as it is then. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, newIdempotencyKey } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { answerOf } from "@/api/tags";
import { isOver, jobKey, putJob } from "@/jobs/job";
import { type Listing, withJob, withoutJob } from "@/jobs/listing";
import { LISTS } from "@/jobs/queries";
import { useToasts } from "@/look/toast-queue";
import { useApi } from "@/session/session";

export type Verb = "cancel" | "pause" | "resume" | "retry" | "delete" | "restore";

/** What the service would not refuse, as far as the job that is shown can tell. */
export function verbsFor(job: Job): readonly Verb[] {
  if (job.deleted_at !== null) return ["restore"];
  switch (job.state) {
    case "queued":
    case "starting":
    case "running":
      return ["pause", "cancel"];
    case "pausing":
      return ["cancel"];
    case "paused":
      return ["resume", "cancel"];
    case "cancelling":
      return [];
    case "failed":
    case "cancelled":
    case "expired":
      return ["retry", "delete"];
    case "succeeded":
      return ["delete"];
  }
}

/** Those that end something are asked about first. */
export function isFinal(verb: Verb): boolean {
  return verb === "cancel" || verb === "delete";
}

const LONGEST = 60;

function said(verb: Verb, job: Job): string {
  const name = job.name.length > LONGEST ? `${job.name.slice(0, LONGEST)}…` : job.name;
  switch (verb) {
    case "cancel":
      return isOver(job) ? `${name} is cancelled` : `${name} is being cancelled`;
    case "pause":
      return job.state === "paused" ? `${name} is paused` : `${name} is being paused`;
    case "resume":
      return `${name} is queued again`;
    case "retry":
      return `${name} is queued once more, as a new job`;
    case "delete":
      return `${name} is in the trash`;
    case "restore":
      return `${name} is back`;
  }
}

export interface Doing {
  verb: Verb;
  job: Job;
  /** Of a retry: without the checkpoint of the job that ended. */
  fromStart?: boolean;
}

export function useVerbs() {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  return useMutation({
    mutationFn: (doing: Doing) => done(api, doing),
    onSuccess: (now, { verb, job }) => {
      if (now) putJob(queries, now);
      else queries.removeQueries({ queryKey: jobKey(job.id) });
      queries.setQueriesData<Listing>({ queryKey: LISTS }, (list) => {
        if (list === undefined) return list;
        const leaves = verb === "delete" || verb === "restore";
        return leaves ? withoutJob(list, job.id) : now ? withJob(list, now) : list;
      });
      // A new job, or one that is elsewhere now, is for the service to put in its place.
      if (verb === "retry" || verb === "restore")
        void queries.invalidateQueries({ queryKey: LISTS });
      toasts.say(said(verb, now ?? job));
    },
    onError: (error) => {
      const { sentence, wayOut } = asProblem(error);
      toasts.warn(sentence, wayOut);
      // What was offered was not possible: the rows are older than the job.
      void queries.invalidateQueries({ queryKey: LISTS });
    },
  });
}

/** The job as it is then; null when it is deleted. */
async function done(api: Api, { verb, job, fromStart }: Doing): Promise<Job | null> {
  const path = { job_id: job.id };
  if (verb === "delete") {
    await api.DELETE("/v1/jobs/{job_id}", { params: { path } });
    return null;
  }
  const params = { path, header: { "Idempotency-Key": newIdempotencyKey() } };
  if (verb === "retry" && fromStart) {
    const body = { reason: "", from_start: true };
    return answerOf(await api.POST("/v1/jobs/{job_id}/retry", { params, body })).news;
  }
  return answerOf(await api.POST(`/v1/jobs/{job_id}/${verb}`, { params })).news;
}
