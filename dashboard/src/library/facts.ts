/** What the check of a model or of a data set has found, read out of its facts. */
import { inside, isRecord, listIn, numberIn, textIn } from "@/api/loose";
import type { DatasetVersion, Model } from "@/api/schema";
import type { Bar } from "@/charts/Bars";
import { count } from "@/look/format";

export interface ModelFacts {
  classes: number | null;
  parameters: number | null;
  imageSize: number | null;
  /** Of a graph, which brings its network itself. */
  opset: number | null;
  producer: string | null;
  warnings: readonly string[];
}

export function modelFacts({ facts }: Model): ModelFacts {
  return {
    classes: numberIn(facts, "classes"),
    parameters: numberIn(facts, "parameters"),
    imageSize: numberIn(facts, "image_size"),
    opset: numberIn(facts, "opset"),
    producer: textIn(facts, "producer"),
    warnings: warningsIn(facts),
  };
}

export interface DataFacts {
  samples: number | null;
  classes: number | null;
  labelled: boolean | null;
  layout: string | null;
  /** "82 train, 20 validation". */
  splits: string | null;
  /** "24 × 24", or the range of both sides. */
  images: string | null;
  warnings: readonly string[];
  /** What is odd without being wrong: copies, images under two labels. */
  oddities: readonly string[];
  bars: readonly Bar[];
  /** So many classes have no bar. */
  leftOut: number;
}

export function dataFacts({ facts }: DatasetVersion): DataFacts {
  const labelled = inside(facts, "labelled");
  return {
    samples: numberIn(facts, "samples"),
    classes: numberIn(facts, "classes"),
    labelled: typeof labelled === "boolean" ? labelled : null,
    layout: textIn(facts, "report", "layout"),
    splits: splitsIn(facts),
    images: imagesIn(facts),
    warnings: warningsIn(facts),
    oddities: odditiesIn(facts),
    bars: barsIn(facts),
    leftOut: numberIn(facts, "report", "classes_left_out") ?? 0,
  };
}

function warningsIn(facts: unknown): string[] {
  return listIn(facts, "warnings").filter((warning) => typeof warning === "string");
}

function splitsIn(facts: unknown): string | null {
  const samples = inside(facts, "report", "samples");
  if (!isRecord(samples)) return null;
  const parts = Object.entries(samples).flatMap(([split, number]) =>
    typeof number === "number" ? [`${count(number)} ${split}`] : [],
  );
  return parts.join(", ") || null;
}

function imagesIn(facts: unknown): string | null {
  const [width, height] = ["width", "height"].map((side) => {
    const [min, max] = [
      numberIn(facts, "report", side, "min"),
      numberIn(facts, "report", side, "max"),
    ];
    if (min === null || max === null) return null;
    return min === max ? String(min) : `${min} to ${max}`;
  });
  return width && height ? `${width} × ${height} pixels` : null;
}

/** Damaged images and leaks are among the warnings, where the check has said them in words. */
function odditiesIn(facts: unknown): string[] {
  const copies = numberIn(facts, "report", "duplicates", "count") ?? 0;
  return copies > 0 ? [`${count(copies)} copies of images that are there already`] : [];
}

/** How many samples each class has, over all splits. */
function barsIn(facts: unknown): Bar[] {
  const counts = inside(facts, "report", "class_counts");
  if (!isRecord(counts)) return [];
  const names = listIn(facts, "class_names");
  const totals: number[] = [];
  for (const split of Object.keys(counts)) {
    listIn(counts, split).forEach((number, place) => {
      if (typeof number === "number") totals[place] = (totals[place] ?? 0) + number;
    });
  }
  return totals.map((value, place) => ({
    id: String(place),
    label: String(names[place] ?? place),
    value,
  }));
}
