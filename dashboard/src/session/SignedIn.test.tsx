import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { openGate } from "@/session/gate";
import { SignedIn } from "@/session/SignedIn";
import { useApi } from "@/session/session";

configure({ asyncUtilTimeout: 10_000 });

let isKnown = true;

function signedIn() {
  sessionStorage.clear();
  isKnown = true;
  vi.stubGlobal("fetch", async () =>
    isKnown
      ? Response.json({ tenant: "default", key: { name: "mine", project: null, scopes: [] } })
      : Response.json({ code: "unauthenticated" }, { status: 401 }),
  );
  render(
    <SignedIn gate={openGate(null)}>
      <Form />
    </SignedIn>,
  );
}

function Form() {
  const api = useApi();
  return (
    <>
      <input aria-label="Name of the job" />
      <button type="button" onClick={() => void api.GET("/v1/me").catch(() => undefined)}>
        Submit
      </button>
    </>
  );
}

function enter(key: string) {
  fireEvent.change(screen.getByLabelText("API key"), { target: { value: key } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a key opens the dashboard", async () => {
  signedIn();
  enter("  sh_live_1\n");

  expect(await screen.findByLabelText("Name of the job")).toBeTruthy();
});

test("a key that is not known says so beside the field", async () => {
  signedIn();
  isKnown = false;
  enter("sh_live_1");

  expect(await screen.findByText(/not known here/)).toBeTruthy();
  expect(screen.getByLabelText("API key").getAttribute("aria-invalid")).toBe("true");
});

test("whoever is signed out in the middle of a form finds it as it was", async () => {
  signedIn();
  enter("sh_live_1");
  const name = await screen.findByLabelText("Name of the job");
  fireEvent.change(name, { target: { value: "shelves" } });
  isKnown = false;
  fireEvent.click(screen.getByRole("button", { name: "Submit" }));
  await screen.findByText("You are signed out");
  isKnown = true;
  enter("sh_live_2");
  await waitFor(() => expect(screen.queryByLabelText("API key")).toBeNull());

  expect(screen.getByLabelText("Name of the job")).toHaveProperty("value", "shelves");
});
