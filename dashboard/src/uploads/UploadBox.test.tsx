import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { type Asked, openDashboard, whoami } from "@/support/dashboard";
import { choose, uploading } from "@/support/uploading";

const EMPTY = { data: [], next_cursor: null, has_more: false };

function rest({ path }: Asked): object | undefined {
  if (path === "/v1/me") return whoami();
  if (path.startsWith("/v1/catalog")) return { data: ["resnet18"], facts: {} };
  return EMPTY;
}

async function adding(what: string): Promise<ReturnType<typeof within>> {
  const [add] = await screen.findAllByRole("button", { name: what });
  fireEvent.click(add ?? document.body);
  return within(await screen.findByRole("dialog", { name: what }));
}

function write(input: HTMLElement, value: string) {
  fireEvent.change(input, { target: { value } });
}

function made(asked: readonly Asked[], path: string): unknown {
  const one = asked.find((each) => each.method === "POST" && each.path === path);
  return one === undefined ? undefined : JSON.parse(one.body);
}

test("a model is called as its form says when the upload ends, not as when it began", async () => {
  const upload = uploading("t.safetensors");
  const service = (one: Asked) => {
    const isMade = one.method === "POST" && one.path === "/v1/models";
    return isMade ? { id: "mdl_1" } : (upload.answer(one) ?? rest(one));
  };
  const { asked } = openDashboard("/library?tab=models", service);
  const dialog = await adding("Add a model");
  write(dialog.getByLabelText(/Architecture of the weights/), "resnet34");
  choose(dialog.getByLabelText("File to upload"), new File(["weights"], "t.safetensors"));
  await upload.begun;
  write(dialog.getByLabelText(/Architecture of the weights/), "resnet18");
  write(dialog.getByLabelText("Name of the model"), "late name");
  upload.end();
  await waitFor(() => {
    expect(made(asked, "/v1/models")).toMatchObject({
      name: "late name",
      architecture: "resnet18",
    });
  });
});

test("a data set is without labels if its form says so when the upload ends", async () => {
  const upload = uploading("shelf.tar");
  const service = (one: Asked) => {
    const isMade = one.method === "POST" && one.path === "/v1/datasets";
    return isMade ? { versions: [{ ref: "ds_1@1" }] } : (upload.answer(one) ?? rest(one));
  };
  const { asked } = openDashboard("/library?tab=datasets", service);
  const dialog = await adding("Add a data set");
  choose(dialog.getByLabelText("File to upload"), new File(["images"], "shelf.tar"));
  await upload.begun;
  fireEvent.click(dialog.getByLabelText(/Images without labels/));
  write(dialog.getByLabelText("Name of the data set"), "late name");
  upload.end();
  await waitFor(() => {
    expect(made(asked, "/v1/datasets")).toMatchObject({ name: "late name", unlabelled: true });
  });
});

test("a folder with a file that no tar can hold is refused aloud", async () => {
  openDashboard("/library?tab=datasets", rest);
  const dialog = await adding("Add a data set");
  const huge = new File(["image"], "huge.png");
  Object.defineProperty(huge, "size", { value: 8 ** 11 });
  Object.defineProperty(huge, "webkitRelativePath", { value: "shelf/huge.png" });
  choose(dialog.getByLabelText("Folder to upload"), huge);
  expect(await dialog.findByText(/huge.png is too large/)).toBeTruthy();
});
