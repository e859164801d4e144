/** What the navigation offers, in its order. */
import type { ReactNode } from "react";
import { CompareIcon, JobsIcon, LibraryIcon } from "@/look/icons";

export interface Place {
  to: string;
  title: string;
  icon: ReactNode;
}

export const PLACES: readonly Place[] = [
  { to: "/jobs", title: "Jobs", icon: <JobsIcon /> },
  { to: "/compare", title: "Compare", icon: <CompareIcon /> },
  { to: "/library", title: "Library", icon: <LibraryIcon /> },
];
