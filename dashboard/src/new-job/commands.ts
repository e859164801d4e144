import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { bodyOf, newIdempotencyKey } from "@/api/client";
import type { Job } from "@/api/schema";
import { type JsonObject, same } from "@/schema-form/json";
import { useApi } from "@/session/session";
import { mergePatch } from "./differences";
import { asSpec } from "./draft";

/** Submits a job, as a clone where it comes from another one. Pressed twice, it is one job. */
export function useSubmit(origin: Job | undefined) {
  const api = useApi();
  const intention = useRef<{ spec: JsonObject; key: string } | null>(null);
  return useMutation({
    mutationFn: async ({ spec, base }: { spec: JsonObject; base: JsonObject | null }) => {
      if (intention.current === null || !same(intention.current.spec, spec)) {
        intention.current = { spec, key: newIdempotencyKey() };
      }
      const header = { "Idempotency-Key": intention.current.key };
      // A patch cannot say every change; a job without a parent is then the lesser loss.
      const patch = origin === undefined || base === null ? null : mergePatch(base, spec);
      if (origin === undefined || patch === null) {
        return bodyOf(await api.POST("/v1/jobs", { params: { header }, body: asSpec(spec) }));
      }
      const params = { header, path: { job_id: origin.id } };
      const body = { reason: "", patch };
      return bodyOf(await api.POST("/v1/jobs/{job_id}/clone", { params, body }));
    },
  });
}
