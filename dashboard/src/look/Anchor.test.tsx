import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Anchor, hrefTo } from "./Anchor";

afterEach(() => {
  cleanup();
  document.head.innerHTML = "";
});

test("an address stands below the prefix that the page is served under", () => {
  document.head.innerHTML = '<base href="/tools/stillhouse/">';

  expect(hrefTo("/jobs/job_1?tab=curves")).toBe("/tools/stillhouse/jobs/job_1?tab=curves");
  expect(hrefTo("/")).toBe("/tools/stillhouse/");
});

test("without a router it is a link like any other", () => {
  render(<Anchor to="/jobs">Jobs</Anchor>);

  const followed = fireEvent.click(screen.getByRole("link", { name: "Jobs" }));

  expect(followed).toBe(true);
});
