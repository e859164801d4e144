/** For tests: the whole dashboard at an address, signed in, before a service that is a function. */
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { cleanup, configure, render } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { basePath } from "@/api/place";
import type { Scope } from "@/api/schema";
import { openRouter } from "@/app/router";
import { openGate } from "@/session/gate";
import { SignedIn } from "@/session/SignedIn";

// The first test of a file waits for the code of its screen, on a machine that has other things to do.
configure({ asyncUtilTimeout: 10_000 });

export interface Asked {
  method: string;
  url: string;
  /** Below wherever the service is. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: string;
}

/** What the service answers, at once or later; undefined: there is no such thing. */
type Answered = Response | object | undefined;
export type Service = (asked: Asked) => Answered | Promise<Answered>;

const SCOPES: readonly Scope[] = ["jobs:read", "jobs:write", "data:write", "artifacts:read"];

export function whoami(scopes: readonly Scope[] = SCOPES, project: string | null = null) {
  return {
    tenant: "default",
    key: {
      id: "key_1",
      name: "mine",
      project,
      scopes,
      created_at: "2026-01-01T00:00:00Z",
      expires_at: null,
      last_used_at: null,
      previous_valid_until: null,
    },
  };
}

/** Everything that is asked is in `asked`, in order; but for who asks. */
export function openDashboard(at: string, service: Service) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    const one = {
      method: request.method,
      url: request.url,
      path: pathname.slice(basePath.length - 1),
      query: searchParams,
      headers: request.headers,
      body: await request.text(),
    };
    if (one.path !== "/v1/me") asked.push(one);
    const answer = (await service(one)) ?? (one.path === "/v1/me" ? whoami() : missing());
    return answer instanceof Response ? answer : Response.json(answer);
  });
  sessionStorage.setItem("stillhouse.key", "sh_live_1");
  const history = createMemoryHistory({ initialEntries: [at] });
  const page = render(
    <SignedIn gate={openGate(null)}>
      <RouterProvider router={openRouter(history)} />
    </SignedIn>,
  );
  return { ...page, asked, address: () => history.location.href };
}

export function refusal(status: number, code: string, rest: object = {}): Response {
  return Response.json({ status, code, title: code, detail: code, hint: "", ...rest }, { status });
}

function missing(): Response {
  return refusal(404, "not_found");
}

afterEach(() => {
  cleanup();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});
