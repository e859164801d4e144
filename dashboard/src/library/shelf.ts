import type { ReactNode } from "react";
import type { Doomed } from "@/library/queries";

export interface ShelfProps {
  /** Whose details are open. */
  open: string | null;
  onOpen: (id: string | null) => void;
  /** The button that fills an empty shelf; nothing where the key may not. */
  add: ReactNode;
  /** Null where the key may not. */
  onRemove: ((doomed: Doomed) => void) | null;
}
