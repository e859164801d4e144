import { afterEach, expect, test, vi } from "vitest";
import { keyFor, takeCode } from "@/session/code";

afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, "", "/");
});

test("a code is taken once, and is gone from the address at once", () => {
  history.replaceState(null, "", "/jobs?state=running#code=c0de");

  expect(takeCode()).toBe("c0de");
  expect(location.href).toMatch(/\/jobs\?state=running$/);
  expect(takeCode()).toBeNull();
});

test("another fragment is left alone", () => {
  history.replaceState(null, "", "/jobs#content");

  expect(takeCode()).toBeNull();
  expect(location.hash).toBe("#content");
});

test("the code goes into the body, and into no address", async () => {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    return Response.json({ key: "sh_live_1" });
  });

  expect(await keyFor("sh_code_1")).toBe("sh_live_1");
  expect(asked[0]?.url).toMatch(/\/v1\/sign-in$/);
  expect(await asked[0]?.json()).toEqual({ code: "sh_code_1" });
});
