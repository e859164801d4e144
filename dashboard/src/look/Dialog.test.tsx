import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Dialog } from "./Dialog";

afterEach(cleanup);

test("an open dialog is modal and says its title", () => {
  render(
    <Dialog title="Cancel the job?" open onClose={() => {}}>
      It stops after this step.
    </Dialog>,
  );

  const dialog = screen.getByRole<HTMLDialogElement>("dialog", { name: "Cancel the job?" });

  expect(dialog.open).toBe(true);
});

test("the cross and the backdrop close it, its inside does not", () => {
  const closed = vi.fn();
  render(
    <Dialog title="Cancel the job?" open onClose={closed}>
      It stops after this step.
    </Dialog>,
  );

  fireEvent.click(screen.getByText("It stops after this step."));
  expect(closed).not.toHaveBeenCalled();

  fireEvent.click(screen.getByRole("dialog"));
  expect(closed).toHaveBeenCalledOnce();
});

test("a closed one holds nothing", () => {
  render(
    <Dialog title="Cancel the job?" open={false} onClose={() => {}}>
      It stops after this step.
    </Dialog>,
  );

  expect(screen.queryByText("It stops after this step.")).toBeNull();
});
