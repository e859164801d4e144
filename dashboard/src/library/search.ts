import { word } from "@/app/search";

export const SHELVES = ["models", "datasets", "uploads"] as const;
export type Shelf = (typeof SHELVES)[number];

export interface LibrarySearch {
  tab?: Shelf;
  /** The model or data set whose details are open. */
  open?: string;
}

export function librarySearch(found: Record<string, unknown>): LibrarySearch {
  const tab = shelfOf(word(found.tab));
  const open = word(found.open);
  return { ...(tab !== undefined && { tab }), ...(open !== undefined && { open }) };
}

export function shelfOf(text: string | undefined): Shelf | undefined {
  return SHELVES.find((shelf) => shelf === text);
}
