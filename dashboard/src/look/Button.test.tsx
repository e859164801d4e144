import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Button, IconButton } from "./Button";

afterEach(cleanup);

test("a busy button does nothing, and submits nothing", () => {
  const clicked = vi.fn();
  const submitted = vi.fn((event: React.FormEvent) => event.preventDefault());
  render(
    <form onSubmit={submitted}>
      <Button type="submit" busy onClick={clicked}>
        Save
      </Button>
    </form>,
  );

  fireEvent.click(screen.getByRole("button", { name: "Save" }));

  expect(clicked).not.toHaveBeenCalled();
  expect(submitted).not.toHaveBeenCalled();
});

test("a button with a picture says its label", () => {
  const clicked = vi.fn();
  render(<IconButton label="Refresh" icon={<svg aria-hidden="true" />} onClick={clicked} />);

  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));

  expect(clicked).toHaveBeenCalledOnce();
});
