import { type Api, bodyOf } from "@/api/client";
import type { UploadRequests } from "./sending";

export function uploadRequests(api: Api, signal: AbortSignal): UploadRequests {
  return {
    async announce(body, key) {
      const headers = { "Idempotency-Key": key };
      return bodyOf(await api.POST("/v1/uploads", { body, headers, signal }));
    },
    async open() {
      const params = { query: { state: "open", limit: 200 } } as const;
      return bodyOf(await api.GET("/v1/uploads", { params, signal })).data;
    },
    async get(id) {
      const params = { path: { upload_id: id } };
      return bodyOf(await api.GET("/v1/uploads/{upload_id}", { params, signal }));
    },
    async putPart(id, number, bytes, digest, ofPart) {
      await api.PUT("/v1/uploads/{upload_id}/parts/{number}", {
        params: { path: { upload_id: id, number }, header: { "content-digest": digest } },
        headers: { "Content-Type": "application/octet-stream" },
        // The document calls bytes a text; they go out as they are.
        body: "",
        bodySerializer: () => bytes,
        signal: ofPart,
      });
    },
    async complete(id) {
      const params = { path: { upload_id: id } };
      return bodyOf(await api.POST("/v1/uploads/{upload_id}/complete", { params, signal }));
    },
  };
}
