import type { Job } from "@/api/schema";

export const LONG_NAME =
  "imagenet-100-convnext-to-mobilenet-with-a-name-of-two-hundred-characters-that-somebody-made-from-every-parameter-t4.0-alpha0.9-beta8.0-warmup20-cosine-seed17-augment-trivial-mixup0.2-cutmix1.0-final-v3";

export const STATES: readonly Job["state"][] = [
  "queued",
  "starting",
  "running",
  "pausing",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
];

export interface SampleJob {
  id: string;
  name: string;
  state: Job["state"];
  progress: number | null;
  top1: number | null;
  difference: number | null;
  size: number | null;
  verdict: string | null;
  at: string;
}

/** Numbers that look random and are the same at every visit. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export function sampleJobs(howMany: number): SampleJob[] {
  const random = noise(7);
  return Array.from({ length: howMany }, (_, place) => {
    const state = STATES[Math.floor(random() * STATES.length)] ?? "queued";
    const done = state === "succeeded";
    return {
      id: `job_${place}`,
      name: place === 2 ? LONG_NAME : `cifar100-resnet56-to-resnet20-seed${place}`,
      state,
      progress: state === "running" ? random() : null,
      top1: done ? 0.68 + random() * 0.04 : null,
      difference: done ? random() * 0.04 - 0.03 : null,
      size: done ? 200_000 + random() * 2_000_000 : null,
      verdict: done ? (random() > 0.3 ? "passed" : "failed") : null,
      at: new Date(Date.now() - place * 340_000).toISOString(),
    };
  });
}

/** A curve of so many steps, sampled to so many points. */
export function sampleCurve(
  seed: number,
  steps: number,
  points: number,
  from: number,
  to: number,
): { steps: number[]; values: (number | null)[] } {
  const random = noise(seed);
  const every = steps / (points - 1);
  const places = Array.from({ length: points }, (_, place) => Math.round(place * every));
  return {
    steps: places,
    values: places.map((step) => {
      const left = Math.exp((-4 * step) / steps);
      return to + (from - to) * left + (random() - 0.5) * 0.08 * Math.abs(from - to);
    }),
  };
}

export function sampleMatrix(classes: number, seed: number): number[][] {
  const random = noise(seed);
  return Array.from({ length: classes }, (_, row) => {
    const values = Array.from({ length: classes }, () =>
      random() > 0.85 ? Math.floor(random() ** 3 * 60) : 0,
    );
    values[row] = 700 + Math.floor(random() * 280);
    return values;
  });
}

export const GARMENTS = [
  "T-shirt",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];
