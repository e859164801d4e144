import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Copyable } from "./Copyable";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("the text is copied, and that is said", async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  render(<Copyable text="sha256:94f1" label="digest" />);

  fireEvent.click(screen.getByRole("button", { name: "Copy the digest" }));

  expect(await screen.findByText("Copied")).toBeTruthy();
  expect(writeText).toHaveBeenCalledWith("sha256:94f1");
});

test("a browser that refuses is not said to have copied", async () => {
  vi.stubGlobal("navigator", { clipboard: undefined });
  document.execCommand = () => false;
  render(<Copyable text="sha256:94f1" label="digest" />);

  fireEvent.click(screen.getByRole("button", { name: "Copy the digest" }));

  expect(await screen.findByText(/did not copy it/)).toBeTruthy();
});
