import { describe, expect, it } from "vitest";
import { countedSide, studentsIn } from "./students";

const CATALOGUE = {
  data: ["bat_resnext26ts", "convnext_atto", "resnet18", "resnet20"],
  facts: {
    convnext_atto: { parameters: 3_695_520, classes: 1000, macs: { 32: 11, 224: 547 } },
    resnet18: { parameters: 11_689_512, classes: 1000, macs: { 32: 37, 224: 1814 } },
    resnet20: { parameters: 278_324, classes: 100, macs: { 32: 41 } },
  },
};

describe("the students to choose from", () => {
  it("are first those that were counted, the smallest before", () => {
    const found = studentsIn(CATALOGUE, "", 224);

    expect(found.map(({ name }) => name)).toEqual([
      "resnet20",
      "convnext_atto",
      "resnet18",
      "bat_resnext26ts",
    ]);
    expect(found.map(({ macs }) => macs)).toEqual([null, 547, 1814, null]);
  });

  it("have the letters that are looked for, in small letters or capitals", () => {
    const found = studentsIn(CATALOGUE, " ResNe", 32);

    expect(found.map(({ name }) => name)).toEqual(["resnet20", "resnet18", "bat_resnext26ts"]);
  });

  it.each([
    [16, 32],
    [32, 32],
    [64, 224],
    [512, 224],
    [Number.NaN, 224],
  ])("are counted for images of the next side: %d", (asked, counted) => {
    expect(countedSide(asked)).toBe(counted);
  });
});
