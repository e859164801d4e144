/** Whether the service answered last time we asked, so that old numbers are never shown as new. */
import { useSyncExternalStore } from "react";

export interface Connection {
  isUp: boolean;
  /** When it answered last, in milliseconds; null when it never has. */
  answeredAt: number | null;
}

let current: Connection = { isUp: true, answeredAt: null };
const listeners = new Set<() => void>();

export function heard(isUp: boolean, now = Date.now()): void {
  const before = current;
  current = { isUp, answeredAt: isUp ? now : before.answeredAt };
  // The moment alone is no news: it is read when the service falls silent.
  if (before.isUp !== isUp) for (const listener of listeners) listener();
}

export function useIsUp(): boolean {
  return useSyncExternalStore(subscribe, () => current.isUp);
}

export function answeredAt(): number | null {
  return current.answeredAt;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
