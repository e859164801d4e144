export interface Toast {
  id: number;
  tone: "good" | "warn";
  text: string;
  hint?: string | undefined;
}

const SAID_FOR_MS = 5_000;
const WARNED_FOR_MS = 12_000;
const AT_MOST = 4;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function show(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function put(toast: Omit<Toast, "id">, forMs: number): void {
  lastId += 1;
  const id = lastId;
  show([...toasts, { ...toast, id }].slice(-AT_MOST));
  setTimeout(() => takeAway(id), forMs);
}

export function takeAway(id: number): void {
  show(toasts.filter((toast) => toast.id !== id));
}

export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function shownToasts(): readonly Toast[] {
  return toasts;
}

const voice = {
  say: (text: string) => put({ tone: "good", text }, SAID_FOR_MS),
  warn: (text: string, hint?: string) => put({ tone: "warn", text, hint }, WARNED_FOR_MS),
};

/** Messages that pass: what was done, or what could not be and the way out. */
export function useToasts(): typeof voice {
  return voice;
}
