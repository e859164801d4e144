import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Matrix } from "./Matrix";

afterEach(cleanup);

const NAMES = ["cat", "dog"];

test("arrow keys read the cells", () => {
  render(
    <Matrix
      label="Confusions"
      names={NAMES}
      matrix={[
        [90, 10],
        [25, 75],
      ]}
    />,
  );
  const map = screen.getByRole("application");

  fireEvent.keyDown(map, { key: "ArrowRight" });
  fireEvent.keyDown(map, { key: "ArrowDown" });

  expect(screen.getByRole("status").textContent).toBe("dog → cat: 25, 25.0% of 100");
});

test("a difference has signs, and its table the largest changes first", () => {
  render(
    <Matrix
      label="Changes"
      names={NAMES}
      kind="difference"
      totals={[100, 100]}
      matrix={[
        [3, -3],
        [0, 8],
      ]}
    />,
  );

  const cells = within(screen.getByRole("table")).getAllByRole("cell");

  expect(cells.map((cell) => cell.textContent)).toEqual(["+8", "+3", "−3"]);
  expect(screen.getByText(/more right answers, fewer confusions/)).toBeTruthy();
});
