import { describe, expect, test } from "vitest";
import {
  age,
  bytes,
  count,
  MISSING,
  number,
  percent,
  points,
  ratio,
  rounded,
  seconds,
} from "./format";

describe("what was not measured", () => {
  test("is a dash in every form", () => {
    for (const write of [count, number, percent, points, bytes, ratio, seconds]) {
      expect(write(null)).toBe(MISSING);
      expect(write(undefined)).toBe(MISSING);
      expect(write(Number.NaN)).toBe(MISSING);
    }
    expect(age(null, 0)).toBe(MISSING);
    expect(age("yesterday", 0)).toBe(MISSING);
  });
});

describe("numbers", () => {
  test.each([
    [0, "0"],
    [1, "1.00"],
    [0.012345, "0.0123"],
    [123.4, "123"],
    [-2.5, "−2.50"],
    [0.00001234, "1.23e−5"],
    [12_300_000_000, "1.23e+10"],
  ])("%d has three digits that count: %s", (n, text) => {
    expect(number(n)).toBe(text);
  });

  test("counts are grouped by thousands", () => {
    expect(count(3_918_858)).toBe("3,918,858");
  });

  test("fractions are written in percent", () => {
    expect(percent(0.90137)).toBe("90.14%");
    expect(percent(0.5, 0)).toBe("50%");
  });

  test("differences carry their sign, and none where they round to nothing", () => {
    expect(points(0.0169)).toBe("+1.69");
    expect(points(-0.0009)).toBe("−0.09");
    expect(points(-0.000001)).toBe("0.00");
  });

  test("a ratio has a cross", () => {
    expect(ratio(18.92)).toBe("18.9×");
    expect(ratio(3.9)).toBe("3.90×");
    expect(ratio(240)).toBe("240×");
  });
});

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [243_677, "244 kB"],
    [999_960, "1.00 MB"],
    [15_690_000, "15.7 MB"],
    [9_999_999, "10.0 MB"],
    [5e15, "5000 TB"],
  ])("%d is %s", (n, text) => {
    expect(bytes(n)).toBe(text);
  });
});

describe("rounded numbers", () => {
  test.each([
    [null, "–"],
    [999, "999"],
    [11_181_642, "11.18 M"],
    [373_658, "374 k"],
    [1_814_000_000, "1.81 G"],
  ])("%d is %s", (n, text) => {
    expect(rounded(n)).toBe(text);
  });
});

describe("durations", () => {
  test.each([
    [0, "0 s"],
    [0.000915, "0.915 ms"],
    [0.0123, "12.3 ms"],
    [0.99999, "1.0 s"],
    [4.24, "4.2 s"],
    [9.97, "10 s"],
    [59.7, "1 min"],
    [72, "1 min 12 s"],
    [3600, "1 h"],
    [4330, "1 h 12 min"],
    [86_390, "23 h 59 min"],
    [86_400, "1 d"],
    [273_600, "3 d 4 h"],
    [-72, "−1 min 12 s"],
  ])("%d seconds are %s", (n, text) => {
    expect(seconds(n)).toBe(text);
  });
});

describe("ages", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");

  test.each([
    ["2026-03-01T11:59:55Z", "just now"],
    ["2026-03-01T12:00:20Z", "just now"],
    ["2026-03-01T12:05:00Z", "in 5 min"],
    ["2026-03-01T11:59:20Z", "40 s ago"],
    ["2026-03-01T11:15:00Z", "45 min ago"],
    ["2026-02-28T13:00:00Z", "23 h ago"],
    ["2026-02-01T12:00:00Z", "28 d ago"],
  ])("%s is %s", (iso, text) => {
    expect(age(iso, now)).toBe(text);
  });
});
