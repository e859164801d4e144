import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const KEPT_AS = "stillhouse.theme";
const listeners = new Set<() => void>();

function isChoice(text: string | null): text is ThemeChoice {
  return text === "system" || text === "light" || text === "dark";
}

function kept(): ThemeChoice {
  try {
    const text = localStorage.getItem(KEPT_AS);
    return isChoice(text) ? text : "system";
  } catch {
    // A browser that forbids storage still shows its own scheme.
    return "system";
  }
}

let choice: ThemeChoice = "system";

function systemIsDark(): MediaQueryList {
  return matchMedia("(prefers-color-scheme: dark)");
}

function shown(): Theme {
  if (choice !== "system") return choice;
  return systemIsDark().matches ? "dark" : "light";
}

function apply(): void {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const listener of listeners) listener();
}

/** What was chosen in this browser before, put on the page. Call it before the first drawing. */
export function applyKeptTheme(): void {
  choice = kept();
  apply();
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // Then the choice lasts until the page is left.
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  const system = systemIsDark();
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

/** The choice, and the scheme that it comes to; a canvas must be drawn again when that changes. */
export function useTheme(): { choice: ThemeChoice; shown: Theme } {
  return {
    choice: useSyncExternalStore(subscribe, () => choice),
    shown: useSyncExternalStore(subscribe, shown),
  };
}
