import type { StudentNames } from "@/api/schema";

export interface Student {
  name: string;
  /** Null where nobody has counted. */
  parameters: number | null;
  macs: number | null;
}

/** What an image costs was counted for images of these sides. */
const SIDES = [32, 224] as const;
export type CountedSide = (typeof SIDES)[number];

export function countedSide(imageSize: number): CountedSide {
  return SIDES.find((side) => side >= imageSize) ?? 224;
}

/** Those that contain `search`: first the ones that many people choose, smaller before larger. */
export function studentsIn(catalogue: StudentNames, search: string, side: CountedSide): Student[] {
  const wanted = search.trim().toLowerCase();
  const found = catalogue.data
    .filter((name) => name.toLowerCase().includes(wanted))
    .map((name) => {
      const known = catalogue.facts[name];
      return { name, parameters: known?.parameters ?? null, macs: known?.macs[side] ?? null };
    });
  const size = ({ parameters }: Student) => parameters ?? Number.POSITIVE_INFINITY;
  return found.toSorted((one, other) =>
    size(one) < size(other) ? -1 : size(one) > size(other) ? 1 : 0,
  );
}
