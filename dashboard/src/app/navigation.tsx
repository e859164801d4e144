/** What the navigation offers, in its order. */
import type { ReactNode } from "react";
import { CompareIcon, JobsIcon, LibraryIcon, PlusIcon, SystemIcon } from "@/look/icons";

export interface Place {
  to: string;
  title: string;
  icon: ReactNode;
}

export const PLACES: readonly Place[] = [
  { to: "/jobs", title: "Jobs", icon: <JobsIcon /> },
  { to: "/compare", title: "Compare", icon: <CompareIcon /> },
  { to: "/new", title: "New job", icon: <PlusIcon /> },
  { to: "/library", title: "Library", icon: <LibraryIcon /> },
  { to: "/system", title: "System", icon: <SystemIcon /> },
];
