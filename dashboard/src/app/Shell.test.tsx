import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Broken } from "@/app/Broken";
import { openDashboard } from "@/support/dashboard";
import { jobOf, pageOf } from "@/support/jobs";

const withJobs = ({ path }: { path: string }) =>
  path === "/v1/jobs" ? pageOf([jobOf("job_1", { name: "digits" })]) : undefined;

test("the front door leads to the jobs", async () => {
  const { address } = openDashboard("/", withJobs);
  await screen.findByRole("link", { name: "digits" });

  expect(address()).toBe("/jobs");
  expect(screen.getByRole("link", { name: "Jobs" }).getAttribute("aria-current")).toBe("page");
});

test("an address that leads nowhere says so, and where to go", async () => {
  openDashboard("/nowhere", withJobs);

  expect(await screen.findByText("There is no such page")).toBeTruthy();
  expect(screen.getByRole("link", { name: "All jobs" }).getAttribute("href")).toBe("/jobs");
});

test("while the service is away, what was there stays, and is said to be old", async () => {
  let isAway = false;
  openDashboard("/jobs", (asked) => {
    if (isAway) throw new TypeError("Failed to fetch");
    return withJobs(asked);
  });
  await screen.findByRole("link", { name: "digits" });
  isAway = true;
  window.dispatchEvent(new window.Event("visibilitychange"));

  expect(await screen.findByText("Stillhouse does not answer")).toBeTruthy();
  expect(screen.getByRole("link", { name: "digits" })).toBeTruthy();
  isAway = false;
  fireEvent.click(screen.getByRole("button", { name: "Try now" }));
  await waitFor(() => expect(screen.queryByText("Stillhouse does not answer")).toBeNull());
});

test("whoever signs out leaves nothing on the screen", async () => {
  openDashboard("/jobs", withJobs);
  await screen.findByRole("link", { name: "digits" });
  fireEvent.click(screen.getByRole("button", { name: /^Signed in as mine/ }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Sign out" }));

  expect(await screen.findByLabelText("API key")).toBeTruthy();
  expect(screen.queryByText("digits")).toBeNull();
});

test("a fault of a screen can be tried again", () => {
  const reset = vi.fn();
  render(<Broken error={new Error("x is undefined")} reset={reset} />);
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));

  expect(reset).toHaveBeenCalled();
  expect(screen.getByText("X is undefined.")).toBeTruthy();
});

test("code that is gone means that Stillhouse was updated", () => {
  const error = new TypeError("Failed to fetch dynamically imported module: ./JobScreen-1.js");
  render(<Broken error={error} reset={() => undefined} />);

  expect(screen.getByText("Stillhouse was updated")).toBeTruthy();
});
