import { afterEach, expect, test, vi } from "vitest";
import { bodyOf, openApi } from "@/api/client";
import { ApiProblem } from "@/api/problem";

function answering(answer: (request: Request) => Response | Promise<Response>) {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    return answer(request);
  });
  return asked;
}

async function refusalOf(answer: Response): Promise<ApiProblem> {
  answering(() => answer);
  const refusal: unknown = await openApi({ key: "k" })
    .GET("/v1/me")
    .catch((error: unknown) => error);
  if (!(refusal instanceof ApiProblem)) throw new Error(`no problem: ${refusal}`);
  return refusal;
}

afterEach(() => vi.unstubAllGlobals());

test("the key goes into the header, and into no address", async () => {
  const asked = answering(() => Response.json({}));
  await openApi({ key: "sh_live_1" }).GET("/v1/me");

  expect(asked[0]?.headers.get("Authorization")).toBe("Bearer sh_live_1");
  expect(asked[0]?.url).not.toContain("sh_live_1");
});

test("every request has an id of its own", async () => {
  const asked = answering(() => Response.json({}));
  const api = openApi({ key: null });
  await api.GET("/v1/me");
  await api.GET("/v1/me");
  const ids = asked.map(({ headers }) => headers.get("X-Request-Id"));

  expect(ids[0]).toMatch(/^req_[0-9a-f]{32}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

test("a refusal is thrown with its code, its hint, and every place that is wrong", async () => {
  const refusal = await refusalOf(
    Response.json(
      {
        status: 422,
        code: "invalid_request",
        title: "Invalid request",
        detail: "2 places are wrong",
        hint: "mend them",
        instance: "req_1",
        errors: [{ pointer: "/loss/0", code: "unknown", message: "no such loss", hint: "kd?" }],
        allowed: ["running"],
      },
      { status: 422, headers: { "Content-Type": "application/problem+json" } },
    ),
  );

  expect(refusal).toMatchObject({
    status: 422,
    code: "invalid_request",
    message: "2 places are wrong",
    hint: "mend them",
    instance: "req_1",
    errors: [{ pointer: "/loss/0", message: "no such loss", hint: "kd?" }],
    isPassing: false,
  });
  expect(refusal.members.allowed).toEqual(["running"]);
});

test("the page of a proxy is a problem by its status", async () => {
  const refusal = await refusalOf(
    new Response("<h1>502</h1>", { status: 502, headers: { "Content-Type": "text/html" } }),
  );

  expect(refusal).toMatchObject({ status: 502, code: "http_502", isPassing: true });
});

test("Retry-After is seconds, or a date", async () => {
  const later = new Date(Date.now() + 90_000).toUTCString();
  const inSeconds = await refusalOf(
    new Response(null, { status: 429, headers: { "Retry-After": "7" } }),
  );
  const byDate = await refusalOf(
    new Response(null, { status: 503, headers: { "Retry-After": later } }),
  );

  expect(inSeconds.retryAfter).toBe(7);
  expect(byDate.retryAfter).toBeGreaterThan(85);
});

test("no answer at all is a problem that will pass", async () => {
  answering(() => Promise.reject(new TypeError("Failed to fetch")));
  const refusal = openApi({ key: "k" }).GET("/v1/me");

  await expect(refusal).rejects.toMatchObject({ code: "unreachable", isPassing: true });
});

/** As a service that is stopped in the middle of its answer leaves it. */
function cutOff(error?: Error): Response {
  const start = new TextEncoder().encode('{"data": [');
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(start);
      if (error === undefined) controller.close();
      else controller.error(error);
    },
  });
  return new Response(body, { headers: { "Content-Type": "application/json" } });
}

test.each([
  ["by the connection", new TypeError("network error")],
  ["by a proxy that ends it well", undefined],
])("an answer cut off in its body %s is a problem that will pass", async (_, error) => {
  const refusal = await refusalOf(cutOff(error));

  expect(refusal).toMatchObject({ code: "unreachable", isPassing: true });
});

test("whoever gives up while the body comes hears of no problem", async () => {
  answering(() => cutOff(new DOMException("given up", "AbortError")));
  const asking = openApi({ key: "k" }).GET("/v1/me");

  await expect(asking).rejects.toMatchObject({ name: "AbortError" });
});

test("a key that is not taken is told to whoever signed in", async () => {
  const onRefused = vi.fn();
  answering(() => Response.json({ code: "unauthenticated" }, { status: 401 }));
  await openApi({ key: "k", onRefused })
    .GET("/v1/me")
    .catch(() => undefined);

  expect(onRefused).toHaveBeenCalledWith(expect.objectContaining({ code: "unauthenticated" }));
});

test("not modified is an answer, not a refusal", async () => {
  answering(() => new Response(null, { status: 304 }));
  const told = await openApi({ key: "k" }).GET("/v1/me");

  expect(told.response.status).toBe(304);
  expect(() => bodyOf(told)).toThrow("without a body");
});
