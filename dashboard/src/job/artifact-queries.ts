/** What a job has made, and getting it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import { download, saveAs } from "@/api/downloads";
import { asProblem } from "@/api/problem";
import type { Artifact, Job } from "@/api/schema";
import { isOver, jobKey } from "@/jobs/job";
import { useToasts } from "@/look/toast-queue";
import { useApi } from "@/session/session";

/** They appear together with the end of a job. */
export function useArtifacts(job: Job) {
  const api = useApi();
  return useQuery({
    queryKey: [...jobKey(job.id), "artifacts", isOver(job)],
    queryFn: async ({ signal }): Promise<Artifact[]> => {
      const params = { path: { job_id: job.id } };
      return bodyOf(await api.GET("/v1/jobs/{job_id}/artifacts", { params, signal })).data;
    },
    staleTime: isOver(job) ? Number.POSITIVE_INFINITY : 0,
  });
}

/** By a signed link: the browser itself fetches it, however large it is. */
export function useDownload() {
  const api = useApi();
  const refused = useRefusal();
  return useMutation({
    mutationFn: ({ id }: Artifact) => download(api, id),
    onError: refused,
  });
}

/** There are no links of bundles, so it goes through memory; the curl command does not. */
export function useBundle(job: Job) {
  const api = useApi();
  const refused = useRefusal();
  return useMutation({
    mutationFn: async () => {
      const params = { path: { job_id: job.id } };
      const told = await api.GET("/v1/jobs/{job_id}/bundle", { params, parseAs: "blob" });
      saveAs(`${job.id}.tar`, bodyOf(told));
    },
    onError: refused,
  });
}

function useRefusal() {
  const { warn } = useToasts();
  return (error: unknown) => {
    const { detail, title, hint } = asProblem(error);
    warn(detail || title, hint);
  };
}
