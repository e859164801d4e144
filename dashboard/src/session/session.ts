/** Who uses the dashboard: the key, what it may do, and the way to the service with it. */
import { createContext, useContext } from "react";
import type { Api } from "@/api/client";
import type { Scope } from "@/api/schema";
import type { Gate, Inside } from "@/session/gate";

export type Session = Inside & Pick<Gate, "signIn" | "signOut">;

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession outside of <SignedIn>");
  return session;
}

export function useApi(): Api {
  return useSession().api;
}

/** Whether the key may do this; what it may not is not offered. */
export function useMay(scope: Scope): boolean {
  const { scopes } = useSession().me.key;
  return scopes.includes(scope) || scopes.includes("admin");
}
