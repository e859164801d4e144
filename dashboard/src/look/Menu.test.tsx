import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Menu } from "./Menu";

afterEach(cleanup);

function show() {
  const cancel = vi.fn();
  const items = [
    { id: "clone", title: "Clone", onSelect: vi.fn() },
    { id: "pause", title: "Pause", disabled: true, onSelect: vi.fn() },
    { id: "cancel", title: "Cancel", danger: true, onSelect: cancel },
  ];
  render(<Menu label="Actions" items={items} />);
  const button = screen.getByRole("button", { name: "Actions" });
  return { button, cancel };
}

test("arrow keys pass over what is disabled", () => {
  const { button } = show();

  fireEvent.keyDown(button, { key: "ArrowDown" });
  const menu = screen.getByRole("menu");

  expect(document.activeElement?.textContent).toBe("Clone");
  fireEvent.keyDown(menu, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Cancel");
  fireEvent.keyDown(menu, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Clone");
});

test("what is chosen is done, and the button has the focus again", () => {
  const { button, cancel } = show();

  fireEvent.click(button);
  fireEvent.click(screen.getByRole("menuitem", { name: "Cancel" }));

  expect(cancel).toHaveBeenCalledOnce();
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
});

test("Escape and a press beside it close it", () => {
  const { button } = show();

  fireEvent.click(button);
  fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();

  fireEvent.click(button);
  fireEvent.pointerDown(document.body);
  expect(screen.queryByRole("menu")).toBeNull();
});
