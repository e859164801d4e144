import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Dataset, Model, Scope, UploadSummary } from "@/api/schema";
import { type Asked, openDashboard, refusal, whoami } from "@/support/dashboard";

const at = "2026-03-02T09:00:00Z";
const ready: Model = {
  id: "mdl_ready",
  project: "default",
  name: "shelf teacher",
  architecture: "resnet18",
  state: "ready",
  facts: { classes: 12, parameters: 11_000_000, warnings: [] },
  problems: [],
  bytes: 45_000_000,
  sha256: "ab",
  created_at: at,
};
const problem = {
  pointer: "/upload",
  code: "keys_missing",
  message: "the checkpoint lacks 64 tensors",
  hint: "check architecture",
  file: "t.safetensors",
};
const rejected: Model = {
  ...ready,
  id: "mdl_bad",
  name: "wrong one",
  state: "rejected",
  facts: null,
  problems: [problem],
};
const dataset: Dataset = {
  id: "ds_1",
  project: "default",
  name: "shelf",
  created_at: at,
  versions: [2, 1].map((version) => ({
    version,
    ref: `ds_1@${version}`,
    state: "ready" as const,
    facts: {
      samples: 100 * version,
      classes: 1,
      class_names: ["ant"],
      report: { class_counts: { train: [100 * version] } },
    },
    problems: [],
    bytes: 100,
    sha256: "cd",
    created_at: at,
  })),
};
const upload: UploadSummary = {
  id: "upl_1",
  project: "default",
  kind: "dataset",
  filename: "big.tar",
  bytes: 1000,
  bytes_received: 250,
  sha256: "ef",
  part_size: 250,
  parts_expected: 4,
  parts_received: 1,
  state: "open",
  created_at: at,
  expires_at: at,
};

let scopes: Scope[] = [];
let isUsed = false;
let shelves: Record<string, { id: string }[]> = {};

function service({ path, method }: Asked): Response | object | undefined {
  const [, , things = "", id] = path.split("/");
  if (things === "me") return whoami(scopes);
  if (things === "catalog") return { data: ["resnet18"] };
  if (method === "DELETE") {
    if (isUsed) return refusal(409, "in_use", { detail: "job_1 needs it" });
    shelves[things] = (shelves[things] ?? []).filter((row) => row.id !== id);
    return new Response(null, { status: 204 });
  }
  return { data: shelves[things] ?? [], next_cursor: null, has_more: false };
}

function open(tab: string) {
  return openDashboard(`/library?tab=${tab}`, service);
}

beforeEach(() => {
  scopes = ["jobs:read", "data:write"];
  isUsed = false;
  shelves = { models: [ready, rejected], datasets: [dataset], uploads: [upload] };
});

test("a model that is ready can be used in a new job", async () => {
  open("models");
  fireEvent.click(await screen.findByRole("button", { name: "shelf teacher" }));
  const dialog = within(await screen.findByRole("dialog", { name: "shelf teacher" }));
  expect(dialog.getByText("11,000,000")).toBeTruthy();
  const link = dialog.getByRole("link", { name: "Use in a new job" });
  expect(link.getAttribute("href")).toContain("/new?teacher=mdl_ready");
});

test("a rejected model says why, and the way out", async () => {
  open("models");
  fireEvent.click(await screen.findByRole("button", { name: "wrong one" }));
  const dialog = within(await screen.findByRole("dialog", { name: "wrong one" }));
  expect(dialog.getByText(/lacks 64 tensors/)).toBeTruthy();
  expect(dialog.getByText("check architecture")).toBeTruthy();
  expect(dialog.queryByRole("link")).toBeNull();
});

test("a model goes after a confirmation", async () => {
  open("models");
  fireEvent.click(await screen.findByRole("button", { name: "wrong one" }));
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete wrong one?" }));
  fireEvent.click(dialog.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByText("wrong one")).toBeNull());
  expect(screen.getByText("shelf teacher")).toBeTruthy();
});

test("a model that a job needs stays, and the dialog says which job", async () => {
  isUsed = true;
  open("models");
  fireEvent.click(await screen.findByRole("button", { name: "shelf teacher" }));
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete shelf teacher?" }));
  fireEvent.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await dialog.findByText("job_1 needs it")).toBeTruthy();
});

test("a data set shows its classes, version by version", async () => {
  open("datasets");
  fireEvent.click(await screen.findByRole("button", { name: "shelf" }));
  const dialog = within(await screen.findByRole("dialog", { name: "shelf" }));
  expect(dialog.getByRole("table", { name: "Samples of each class" }).textContent).toContain("200");
  fireEvent.change(dialog.getByLabelText("Version"), { target: { value: "ds_1@1" } });
  expect(dialog.getByRole("table", { name: "Samples of each class" }).textContent).toContain("100");
  expect(dialog.getByRole("link").getAttribute("href")).toContain("/new?data=ds_1@1");
});

test("an upload under way says how much of it is here", async () => {
  open("uploads");
  expect(await screen.findByText("250 B of 1.00 kB (25%)")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Forget big.tar" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Forget big.tar?" }));
  fireEvent.click(dialog.getByRole("button", { name: "Forget" }));
  expect(await screen.findByText("Nothing is under way")).toBeTruthy();
});

test("a key that may not write is offered nothing that writes", async () => {
  scopes = ["jobs:read"];
  open("models");
  fireEvent.click(await screen.findByRole("button", { name: "shelf teacher" }));
  await screen.findByRole("dialog", { name: "shelf teacher" });
  expect(screen.queryByRole("button", { name: "Delete" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Add/ })).toBeNull();
});

test("an empty shelf has the button and the command that fill it", async () => {
  shelves = {};
  open("models");
  expect(await screen.findByText("No models yet")).toBeTruthy();
  expect(screen.getByText(/still models add/)).toBeTruthy();
  fireEvent.click(screen.getAllByRole("button", { name: "Add a model" })[0] ?? document.body);
  expect(await screen.findByLabelText(/Architecture of the weights/)).toBeTruthy();
});
