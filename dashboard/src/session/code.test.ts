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

test("the code goes into the body", async () => {
  const fetched = vi.fn(async () => Response.json({ key: "sh_live_1" }));
  vi.stubGlobal("fetch", fetched);

  expect(await keyFor("c0de")).toBe("sh_live_1");
  expect(fetched).toHaveBeenCalledWith(
    expect.stringMatching(/\/v1\/sign-in$/),
    expect.objectContaining({ method: "POST", body: '{"code":"c0de"}' }),
  );
});
