/** Who is in: arriving with a code or a stored key, signing in, being refused, leaving. No React. */
import type { QueryClient } from "@tanstack/react-query";
import { type Api, bodyOf, openApi } from "@/api/client";
import { openQueries, pauseAfter } from "@/api/polling";
import { type ApiProblem, asProblem } from "@/api/problem";
import type { Me } from "@/api/schema";
import { keyFor } from "@/session/code";
import { storedKey, storeKey } from "@/session/stored";

export interface Inside {
  key: string;
  me: Me;
  api: Api;
  queries: QueryClient;
}

export interface Where {
  /** entering: it is being found out; outside: somebody has to sign in. */
  at: "entering" | "inside" | "outside";
  /** Why one is not in, where there is a reason. */
  problem: ApiProblem | null;
  /** Stays when a key is refused, so that whoever signs in again finds everything as it was. */
  inside: Inside | null;
}

export interface Gate {
  where: () => Where;
  subscribe: (listener: () => void) => () => void;
  /** Rejects with an ApiProblem when the key is not taken. */
  signIn: (key: string) => Promise<void>;
  signOut: () => void;
}

export function openGate(code: string | null): Gate {
  let current: Where = { at: "entering", problem: null, inside: null };
  const listeners = new Set<() => void>();

  const go = (next: Partial<Where>) => {
    current = { ...current, ...next };
    for (const listener of listeners) listener();
  };
  const refused = (problem: ApiProblem) => {
    storeKey(null);
    go({ at: "outside", problem });
  };
  const signIn = async (key: string) => {
    const me = bodyOf(await openApi({ key }).GET("/v1/me"));
    storeKey(key);
    const before = current.inside;
    const queries = before && isSameOwner(before.me, me) ? before.queries : openQueries();
    const api = openApi({
      key,
      onRefused: (problem) => key === current.inside?.key && refused(problem),
    });
    go({ at: "inside", problem: null, inside: { key, me, api, queries } });
  };
  const signOut = () => {
    storeKey(null);
    current.inside?.queries.clear();
    go({ at: "outside", problem: null, inside: null });
  };

  const arrive = async () => {
    const kept = storedKey();
    if (code === null && kept === null) return go({ at: "outside" });
    try {
      // A code is good once, so what follows is tried again without it.
      const key =
        code === null ? kept : await patiently(() => keyFor(code), go).catch(orElse(kept));
      await patiently(() => signIn(key ?? ""), go);
    } catch (error) {
      const problem = asProblem(error);
      // Only the service says that a key is none; the page of a proxy, say, does not.
      if (problem.status === 401) refused(problem);
      else go({ at: "outside", problem });
    }
  };
  void arrive();

  return {
    where: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn,
    signOut,
  };
}

/** What `still up` opens may be quicker than the service, and a service is restarted at times. */
async function patiently<T>(
  what: () => Promise<T>,
  tell: (where: Partial<Where>) => void,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await what();
    } catch (error) {
      const pause = pauseAfter(error, failures);
      if (pause === false) throw error;
      tell({ problem: asProblem(error) });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** A page that was opened by an old link is still somebody's who is signed in. */
function orElse(kept: string | null): (error: unknown) => string {
  return (error) => {
    if (kept === null) throw error;
    return kept;
  };
}

function isSameOwner(before: Me, now: Me): boolean {
  return ownerOf(before) === ownerOf(now);
}

/** Two keys of one owner see the same things. */
export function ownerOf(me: Me): string {
  return `${me.tenant}/${me.key.project ?? ""}`;
}
