/** What the library asks the service for. */
import {
  keepPreviousData,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useState } from "react";
import { type Api, bodyOf } from "@/api/client";
import { listPace, polled } from "@/api/polling";
import type {
  Dataset,
  DatasetPage,
  Model,
  ModelPage,
  UploadPage,
  UploadSummary,
} from "@/api/schema";
import { useApi } from "@/session/session";

const PAGE_ROWS = 200;

interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

interface Shelved<T> {
  rows: readonly T[];
  isMore: boolean;
}

export type ShelfQuery<T> = UseQueryResult<Shelved<T>> & { loadMore: () => void };

interface Wish<T> {
  key: string;
  pageAt: (query: { limit: number; cursor?: string }, signal: AbortSignal) => Promise<Page<T>>;
  isActive: (row: T) => boolean;
}

/** The newest, and as many pages after them as were asked for: all of them are kept fresh. */
function useShelf<T>({ key, pageAt, isActive }: Wish<T>): ShelfQuery<T> {
  const [pages, setPages] = useState(1);
  const query = polled<Shelved<T>>({
    queryKey: [key, "shelf", pages],
    ask: async (_seen, signal) => {
      const rows: T[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < pages && (page === 0 || cursor !== null); page += 1) {
        const told: Page<T> = await pageAt({ limit: PAGE_ROWS, ...(cursor && { cursor }) }, signal);
        rows.push(...told.data);
        cursor = told.next_cursor;
      }
      return { news: { rows, isMore: cursor !== null }, waited: false };
    },
    pace: listPace(({ rows }) => rows.some(isActive)),
  });
  const shelf = useQuery({ ...query, placeholderData: keepPreviousData });
  return {
    ...shelf,
    loadMore: () => {
      if (shelf.data?.isMore && !shelf.isPlaceholderData) setPages(pages + 1);
    },
  };
}

export function useModelShelf(): ShelfQuery<Model> {
  const api = useApi();
  return useShelf({
    key: "models",
    pageAt: async (query, signal): Promise<ModelPage> =>
      bodyOf(await api.GET("/v1/models", { params: { query }, signal })),
    isActive: ({ state }) => state === "checking",
  });
}

export function useDatasetShelf(): ShelfQuery<Dataset> {
  const api = useApi();
  return useShelf({
    key: "datasets",
    pageAt: async (query, signal): Promise<DatasetPage> =>
      bodyOf(await api.GET("/v1/datasets", { params: { query }, signal })),
    isActive: ({ versions }) => versions.some(({ state }) => state === "checking"),
  });
}

export function useUploadShelf(): ShelfQuery<UploadSummary> {
  const api = useApi();
  return useShelf({
    key: "uploads",
    pageAt: async (query, signal): Promise<UploadPage> =>
      bodyOf(await api.GET("/v1/uploads", { params: { query }, signal })),
    isActive: ({ state }) => state === "open",
  });
}

export interface Doomed {
  kind: "models" | "datasets" | "uploads";
  id: string;
  name: string;
}

export function useRemove(onGone: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (doomed: Doomed) => removed(api, doomed),
    onSuccess: async (_none, { kind }) => {
      onGone();
      await queries.invalidateQueries({ queryKey: [kind] });
    },
  });
}

async function removed(api: Api, { kind, id }: Doomed): Promise<void> {
  switch (kind) {
    case "models":
      await api.DELETE("/v1/models/{model_id}", { params: { path: { model_id: id } } });
      return;
    case "datasets":
      await api.DELETE("/v1/datasets/{dataset_id}", { params: { path: { dataset_id: id } } });
      return;
    case "uploads":
      await api.DELETE("/v1/uploads/{upload_id}", { params: { path: { upload_id: id } } });
  }
}
