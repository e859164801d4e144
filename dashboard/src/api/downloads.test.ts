import { afterEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import { download } from "@/api/downloads";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a download goes to a signed link, which has no key in it", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return Response.json({ url: "/v1/links/abc.def", expires_at: "2026-01-01T00:00:00Z" });
  });
  const gone: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    gone.push(this.href);
  });
  await download(openApi({ key: "sh_live_1" }), "art_1");

  expect(asked).toEqual(["POST /v1/artifacts/art_1/link"]);
  expect(new URL(gone[0] ?? "").pathname).toBe("/v1/links/abc.def");
  expect(gone[0]).not.toContain("sh_live");
});
