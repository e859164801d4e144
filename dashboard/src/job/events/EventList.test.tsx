import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openApi } from "@/api/client";
import { openQueries } from "@/api/polling";
import { SessionContext } from "@/session/session";
import { jobOf } from "@/support/jobs";
import { EventList } from "./EventList";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The events of a job whose service refuses to tell them. */
async function openRefused(status: number, code: string, hint: string) {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    const title = `No: ${code}`;
    return Response.json({ status, code, title, detail: "why it is so", hint }, { status });
  });
  const api = openApi({ key: "sh_live_1" });
  const queries = openQueries();
  const me = {} as never;
  const session = { key: "sh_live_1", me, api, queries, signIn: vi.fn(), signOut: vi.fn() };
  render(
    <SessionContext.Provider value={session}>
      <QueryClientProvider client={queries}>
        <EventList job={jobOf("job_1", { state: "running" })} />
      </QueryClientProvider>
    </SessionContext.Provider>,
  );
  await act(() => vi.advanceTimersByTimeAsync(1000));
  return asked;
}

const BY_ITSELF = "It goes on where it was by itself.";

test("a refusal that will not pass says the way out, and promises nothing", async () => {
  const asked = await openRefused(404, "not_found", "list the jobs that are there");
  expect(screen.getByText("No: not_found")).toBeTruthy();
  expect(screen.getByText("List the jobs that are there.")).toBeTruthy();
  expect(screen.getByText("Nothing more is heard.")).toBeTruthy();
  expect(screen.queryByText(BY_ITSELF)).toBeNull();

  await act(() => vi.advanceTimersByTimeAsync(600_000));
  expect(asked).toHaveLength(1);
});

test("a problem that will pass says that it goes on by itself, and it does", async () => {
  const asked = await openRefused(503, "stopping", "");
  expect(screen.getByText(BY_ITSELF)).toBeTruthy();
  expect(screen.getByText("Nothing is heard for now.")).toBeTruthy();

  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(asked.length).toBeGreaterThan(1);
});
