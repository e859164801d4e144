/** What is made of a complete upload. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { bodyOf } from "@/api/client";
import type { NewDataset, NewModel } from "@/api/schema";
import { useApi } from "@/session/session";

export function useNewModel() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: NewModel) => bodyOf(await api.POST("/v1/models", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["models"] }),
  });
}

export function useNewDataset() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: NewDataset) => bodyOf(await api.POST("/v1/datasets", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
}

/** The upload as the next version of a data set that is there. */
export function useNewVersion(datasetId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (upload: string) => {
      const params = { path: { dataset_id: datasetId } };
      return bodyOf(
        await api.POST("/v1/datasets/{dataset_id}/versions", { params, body: { upload } }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
}
