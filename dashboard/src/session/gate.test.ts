import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openGate, type Where } from "@/session/gate";

const KEY = "stillhouse.key";
let asked: string[];
let service: (path: string, key: string | null) => Response;

const me = (tenant = "default") =>
  Response.json({ tenant, key: { id: "key_1", name: "mine", project: null, scopes: [] } });
const unknownKey = () => Response.json({ status: 401, code: "unauthenticated" }, { status: 401 });

async function settled(gate: ReturnType<typeof openGate>, at: Where["at"]): Promise<Where> {
  await vi.waitFor(() => expect(gate.where().at).toBe(at), { timeout: 10_000 });
  return gate.where();
}

beforeEach(() => {
  sessionStorage.clear();
  asked = [];
  service = (_, key) => (key?.startsWith("Bearer sh_live_") ? me() : unknownKey());
  vi.stubGlobal("fetch", async (target: Request | string, init?: RequestInit) => {
    const request = new Request(target, init);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return service(new URL(request.url).pathname, request.headers.get("Authorization"));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("without a key one stands outside, and nothing is asked", async () => {
  await settled(openGate(null), "outside");

  expect(asked).toEqual([]);
});

test("a key that is taken is kept for this tab", async () => {
  const gate = openGate(null);
  await gate.signIn("sh_live_1");

  expect(gate.where()).toMatchObject({ at: "inside", inside: { key: "sh_live_1" } });
  expect(sessionStorage.getItem(KEY)).toBe("sh_live_1");
});

test("a key that is not taken is kept nowhere", async () => {
  const gate = openGate(null);

  await expect(gate.signIn("nonsense")).rejects.toMatchObject({ status: 401 });
  expect(gate.where().at).toBe("outside");
  expect(sessionStorage.getItem(KEY)).toBeNull();
});

test("a page that is loaded again is signed in still", async () => {
  sessionStorage.setItem(KEY, "sh_live_1");
  const { inside } = await settled(openGate(null), "inside");

  expect(inside?.key).toBe("sh_live_1");
});

test("a one-time code is exchanged for a key", async () => {
  service = (path) => (path === "/v1/sign-in" ? Response.json({ key: "sh_live_2" }) : me());
  const { inside } = await settled(openGate("c0de"), "inside");

  expect(asked).toEqual(["POST /v1/sign-in", "GET /v1/me"]);
  expect(inside?.key).toBe("sh_live_2");
});

test("a code is spent once, however often the service has to be asked who one is", async () => {
  let away = 1;
  service = (path) => {
    if (path === "/v1/sign-in") return Response.json({ key: "sh_live_2" });
    away -= 1;
    return away < 0 ? me() : Response.json({ status: 503, code: "unavailable" }, { status: 503 });
  };
  const { inside } = await settled(openGate("c0de"), "inside");

  expect(asked).toEqual(["POST /v1/sign-in", "GET /v1/me", "GET /v1/me"]);
  expect(inside?.key).toBe("sh_live_2");
});

test("what is no refusal of a key does not make it forgotten", async () => {
  sessionStorage.setItem(KEY, "sh_live_1");
  service = () => new Response("<h1>Not here</h1>", { status: 404 });
  const { problem } = await settled(openGate(null), "outside");

  expect(problem).not.toBeNull();
  expect(sessionStorage.getItem(KEY)).toBe("sh_live_1");
});

test("a code that was used before leaves whoever is signed in signed in", async () => {
  sessionStorage.setItem(KEY, "sh_live_1");
  service = (path) => (path === "/v1/sign-in" ? unknownKey() : me());
  const { inside } = await settled(openGate("used"), "inside");

  expect(inside?.key).toBe("sh_live_1");
});

test("a code that was used before, and no key: outside, with the reason", async () => {
  service = () => unknownKey();

  expect((await settled(openGate("used"), "outside")).problem?.status).toBe(401);
});

test("a service that is not there yet is waited for, and the key is not forgotten", async () => {
  vi.useFakeTimers();
  sessionStorage.setItem(KEY, "sh_live_1");
  service = () => {
    throw new TypeError("Failed to fetch");
  };
  const gate = openGate(null);
  await vi.advanceTimersByTimeAsync(10);
  expect(gate.where()).toMatchObject({ at: "entering", problem: { code: "unreachable" } });
  service = () => me();
  await vi.advanceTimersByTimeAsync(3_000);

  expect(gate.where().at).toBe("inside");
});

test("a 401 later leads to the sign-in screen, and what was there stays behind it", async () => {
  const gate = openGate(null);
  await gate.signIn("sh_live_1");
  const before = gate.where().inside;
  service = () => unknownKey();
  await before?.api.GET("/v1/me").catch(() => undefined);

  expect(gate.where()).toMatchObject({ at: "outside", problem: { status: 401 } });
  expect(sessionStorage.getItem(KEY)).toBeNull();
  service = () => me();
  await gate.signIn("sh_live_2");
  expect(gate.where().inside?.queries).toBe(before?.queries);
});

test("somebody else sees nothing of what the one before saw", async () => {
  const gate = openGate(null);
  await gate.signIn("sh_live_1");
  const before = gate.where().inside;
  service = () => me("others");
  await gate.signIn("sh_live_2");

  expect(gate.where().inside?.queries).not.toBe(before?.queries);
});

test("a late 401 of a key that was replaced signs nobody out", async () => {
  const gate = openGate(null);
  await gate.signIn("sh_live_1");
  const before = gate.where().inside;
  await gate.signIn("sh_live_2");
  service = () => unknownKey();
  await before?.api.GET("/v1/me").catch(() => undefined);

  expect(gate.where().at).toBe("inside");
});

test("signing out forgets the key and everything that was seen with it", async () => {
  const gate = openGate(null);
  await gate.signIn("sh_live_1");
  const queries = gate.where().inside?.queries;
  queries?.setQueryData(["jobs"], []);
  gate.signOut();

  expect(gate.where()).toEqual({ at: "outside", problem: null, inside: null });
  expect(sessionStorage.getItem(KEY)).toBeNull();
  expect(queries?.getQueryData(["jobs"])).toBeUndefined();
});
