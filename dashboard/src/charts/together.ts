import type { Range } from "./lines";

type Follow = (view: Range | null) => void;

const groups = new Map<string, Set<Follow>>();

/** Charts of one name are zoomed and moved as one. */
export function join(name: string, follow: Follow): () => void {
  const group = groups.get(name) ?? new Set();
  groups.set(name, group.add(follow));
  return () => {
    group.delete(follow);
    if (group.size === 0) groups.delete(name);
  };
}

export function tellOthers(name: string, self: Follow, view: Range | null): void {
  for (const follow of groups.get(name) ?? []) if (follow !== self) follow(view);
}
