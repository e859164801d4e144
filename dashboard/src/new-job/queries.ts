import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import { listPace, polled } from "@/api/polling";
import type { Dataset, Model, Validation } from "@/api/schema";
import { answerOf, ifNoneMatch } from "@/api/tags";
import type { JsonObject } from "@/schema-form/json";
import { useApi } from "@/session/session";
import { asSpec } from "./draft";

const CHECKED_EVERY = 3_000;
const FOREVER = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } as const;

/** The JSON Schema of a job, as this version of the service has it; it does not change while it runs. */
export function useSpecification() {
  const api = useApi();
  return useQuery({
    queryKey: ["catalog", "specification"],
    queryFn: async ({ signal }) => bodyOf(await api.GET("/v1/catalog/specification", { signal })),
    ...FOREVER,
  });
}

export function useLosses() {
  const api = useApi();
  return useQuery({
    queryKey: ["catalog", "losses"],
    queryFn: async ({ signal }) => bodyOf(await api.GET("/v1/catalog/losses", { signal })),
    ...FOREVER,
  });
}

export function usePresets() {
  const api = useApi();
  return useQuery({
    queryKey: ["catalog", "presets"],
    queryFn: async ({ signal }) => bodyOf(await api.GET("/v1/catalog/presets", { signal })),
    ...FOREVER,
  });
}

export function useStudents() {
  const api = useApi();
  return useQuery({
    queryKey: ["catalog", "students"],
    queryFn: async ({ signal }) => bodyOf(await api.GET("/v1/catalog/students", { signal })),
    ...FOREVER,
  });
}

export function useCapabilities() {
  const api = useApi();
  return useQuery({
    queryKey: ["capabilities"],
    queryFn: async ({ signal }) => bodyOf(await api.GET("/v1/capabilities", { signal })),
    ...FOREVER,
  });
}

const params = { query: { limit: 200 } };

/** The newest models; often while one of them is being checked. */
export function useModels() {
  const api = useApi();
  return useQuery(
    polled({
      queryKey: ["models", "newest"],
      ask: async (seen: { data: Model[] } | undefined, signal) =>
        answerOf(await api.GET("/v1/models", { params, headers: ifNoneMatch(seen), signal })),
      pace: listPace(({ data }) => data.some(({ state }) => state === "checking")),
    }),
  );
}

export function useDatasets() {
  const api = useApi();
  return useQuery(
    polled({
      queryKey: ["datasets", "newest"],
      ask: async (seen: { data: Dataset[] } | undefined, signal) =>
        answerOf(await api.GET("/v1/datasets", { params, headers: ifNoneMatch(seen), signal })),
      pace: listPace(({ data }) =>
        data.some(({ versions }) => versions.some(({ state }) => state === "checking")),
      ),
    }),
  );
}

/** What submitting would say. While a new answer is on its way, the last one stays. */
export function useValidation(spec: JsonObject) {
  const api = useApi();
  return useQuery({
    ...polled({
      queryKey: ["validation", spec],
      // The body is what was typed: the service tells what is wrong with it.
      ask: async (_seen: Validation | undefined, signal) =>
        answerOf(await api.POST("/v1/jobs/validate", { body: asSpec(spec), signal })),
      pace: ({ data }) => (isOnTheWay(data) ? CHECKED_EVERY : false),
    }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  });
}

/** It names an upload that is still looked at: the answer will differ without any change here. */
function isOnTheWay({ errors }: Validation): boolean {
  return errors.some(({ code }) => code === "not_ready");
}

export function useOrigin(jobId: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["job", jobId, "spec"],
    queryFn: async ({ signal }) =>
      bodyOf(
        await api.GET("/v1/jobs/{job_id}", { params: { path: { job_id: jobId ?? "" } }, signal }),
      ),
    enabled: jobId !== undefined,
    ...FOREVER,
  });
}
