import { useMutation, useQueryClient } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import type { NewKey } from "@/api/schema";
import { useApi } from "@/session/session";
import { KEYS } from "../queries";

// No Idempotency-Key: an answer that is kept for a repetition would be a secret that is kept.

export function useNewKey() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: NewKey) => bodyOf(await api.POST("/v1/keys", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS }),
    // The answer has a token: it is forgotten with the dialog that shows it.
    gcTime: 0,
  });
}

export function useRotate(keyId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (overlap_s: number) => {
      const params = { path: { key_id: keyId } };
      return bodyOf(await api.POST("/v1/keys/{key_id}/rotate", { params, body: { overlap_s } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS }),
    gcTime: 0,
  });
}

export function useRevoke(keyId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await api.DELETE("/v1/keys/{key_id}", { params: { path: { key_id: keyId } } });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS }),
  });
}
