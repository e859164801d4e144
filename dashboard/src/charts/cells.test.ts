import { expect, test } from "vitest";
import { layersOf, nextCell, notableCells, shadeOf } from "./cells";

test("a cell is shaded by its share of the row", () => {
  expect(shadeOf(0, 100, 0, 1, "share").level).toBe(0);
  expect(shadeOf(100, 100, 0, 0, "share").level).toBe(8);
  expect(shadeOf(25, 100, 0, 1, "share").level).toBe(4);
  expect(shadeOf(1, 100_000, 0, 1, "share").level).toBe(1);
  expect(shadeOf(3, 0, 0, 1, "share").level).toBe(0);
});

test("more right answers and fewer confusions are better", () => {
  expect(shadeOf(5, 100, 2, 2, "difference").tone).toBe("better");
  expect(shadeOf(-5, 100, 2, 2, "difference").tone).toBe("worse");
  expect(shadeOf(5, 100, 2, 3, "difference").tone).toBe("worse");
  expect(shadeOf(-5, 100, 2, 3, "difference").tone).toBe("better");
});

test("cells of one shade are one path, and empty ones none", () => {
  const layers = layersOf(
    [
      [10, 0],
      [0, 10],
    ],
    [10, 10],
    "share",
  );

  expect(layers).toEqual([{ level: 8, tone: "count", path: "M0 0h1v1h-1zM1 1h1v1h-1z" }]);
});

test("the notable cells of counts are confusions, those of a difference any change", () => {
  const matrix = [
    [50, 2],
    [-7, 0],
  ];

  expect(notableCells(matrix, "share").map((cell) => cell.value)).toEqual([-7, 2]);
  expect(notableCells(matrix, "difference").map((cell) => cell.value)).toEqual([50, -7, 2]);
});

test("keys stay inside the matrix", () => {
  expect(nextCell({ row: 0, column: 0 }, "ArrowUp", 3)).toEqual({ row: 0, column: 0 });
  expect(nextCell({ row: 0, column: 2 }, "ArrowRight", 3)).toEqual({ row: 0, column: 2 });
  expect(nextCell({ row: 0, column: 0 }, "End", 3)).toEqual({ row: 0, column: 2 });
  expect(nextCell({ row: 0, column: 0 }, "a", 3)).toBeNull();
});
