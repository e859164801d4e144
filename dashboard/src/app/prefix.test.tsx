/** A proxy may put a path before everything; <base> is all that tells of it. */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { jobOf, pageOf } from "@/support/jobs";

const base = document.createElement("base");
base.href = `${location.origin}/tools/still/`;
document.head.append(base);
const { openDashboard } = await import("@/support/dashboard");

test("below a prefix everything is asked for, and linked to, below it", async () => {
  const { asked, address } = openDashboard("/tools/still/jobs", ({ path }) =>
    path === "/v1/jobs" ? pageOf([jobOf("job_1", { name: "digits" })]) : undefined,
  );
  const digits = await screen.findByRole("link", { name: "digits" });

  expect(digits.getAttribute("href")).toBe("/tools/still/jobs/job_1");
  expect(new URL(asked[0]?.url ?? "").pathname).toBe("/tools/still/v1/jobs");
  expect(screen.getByRole("link", { name: "Jobs" }).getAttribute("aria-current")).toBe("page");
  fireEvent.click(screen.getByRole("button", { name: "Failed" }));
  await waitFor(() => expect(address()).toBe("/tools/still/jobs?state=failed"));
});
