/** What can be done to a job. Each answer is the job as it is then, and is shown at once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, newIdempotencyKey } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { type Answer, answerOf } from "@/api/tags";
import { jobKey } from "@/job/queries";
import { useToasts } from "@/look/toast-queue";
import { useApi } from "@/session/session";

export type Verb = "cancel" | "pause" | "resume" | "restore";

const DONE: Record<Verb, string> = {
  cancel: "The job is being cancelled",
  pause: "The job is being paused",
  resume: "The job is queued again",
  restore: "The job is out of the trash",
};

export function useVerb(job: Job) {
  const api = useApi();
  const { say } = useToasts();
  const { shown, refused } = useOutcome();
  return useMutation({
    mutationFn: ({ verb, reason = "" }: { verb: Verb; reason?: string }) =>
      asked(api, job.id, verb, reason),
    onSuccess: ({ news }, { verb }) => {
      shown(news);
      say(DONE[verb]);
    },
    onError: refused,
  });
}

/** A job that is over stays as it is: what is queued is another one, with this as its parent. */
export function useRetry(job: Job, onQueued: (next: Job) => void) {
  const api = useApi();
  const { say } = useToasts();
  const { shown, refused } = useOutcome();
  return useMutation({
    mutationFn: async ({ fromStart }: { fromStart: boolean }) =>
      answerOf(
        await api.POST("/v1/jobs/{job_id}/retry", {
          params: { path: { job_id: job.id }, header: once() },
          body: { reason: "", from_start: fromStart },
        }),
      ),
    onSuccess: ({ news }) => {
      shown(news);
      say("Queued once more, as a new job");
      if (news !== null) onQueued(news);
    },
    onError: refused,
  });
}

export function useDelete(job: Job, onDeleted: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  const { say } = useToasts();
  const { refused } = useOutcome();
  return useMutation({
    mutationFn: () => api.DELETE("/v1/jobs/{job_id}", { params: { path: { job_id: job.id } } }),
    onSuccess: () => {
      say("The job is in the trash");
      void queries.invalidateQueries({ queryKey: jobKey(job.id), refetchType: "none" });
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      onDeleted();
    },
    onError: refused,
  });
}

function useOutcome() {
  const queries = useQueryClient();
  const { warn } = useToasts();
  return {
    shown: (news: Job | null) => {
      if (news !== null) queries.setQueryData(jobKey(news.id), news);
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    },
    refused: (error: unknown) => {
      const { title, detail, hint } = asProblem(error);
      warn(detail || title, hint);
    },
  };
}

async function asked(api: Api, jobId: string, verb: Verb, reason: string): Promise<Answer<Job>> {
  const params = { path: { job_id: jobId }, header: once() };
  const body = { reason };
  switch (verb) {
    case "cancel":
      return answerOf(await api.POST("/v1/jobs/{job_id}/cancel", { params, body }));
    case "pause":
      return answerOf(await api.POST("/v1/jobs/{job_id}/pause", { params, body }));
    case "resume":
      return answerOf(await api.POST("/v1/jobs/{job_id}/resume", { params, body }));
    case "restore":
      return answerOf(await api.POST("/v1/jobs/{job_id}/restore", { params }));
  }
}

function once() {
  return { "Idempotency-Key": newIdempotencyKey() };
}
