import { QueryClientProvider } from "@tanstack/react-query";
import { Activity, type ReactNode, useMemo, useSyncExternalStore } from "react";
import { Entering } from "@/session/Entering";
import { type Gate, ownerOf } from "@/session/gate";
import { SignIn } from "@/session/SignIn";
import { SessionContext } from "@/session/session";

/** Shows its children to whoever has a key, and the sign-in screen to everybody else. */
export function SignedIn({ gate, children }: { gate: Gate; children: ReactNode }) {
  const { at, problem, inside } = useSyncExternalStore(gate.subscribe, gate.where);
  const session = useMemo(
    () => inside && { ...inside, signIn: gate.signIn, signOut: gate.signOut },
    [inside, gate],
  );
  return (
    <>
      {at === "entering" && <Entering problem={problem} />}
      {at === "outside" && <SignIn problem={problem} signIn={gate.signIn} />}
      {session && (
        // Hidden, not gone: whoever signs in again finds a form half filled as it was.
        <Activity mode={at === "inside" ? "visible" : "hidden"} key={ownerOf(session.me)}>
          <SessionContext value={session}>
            <QueryClientProvider client={session.queries}>{children}</QueryClientProvider>
          </SessionContext>
        </Activity>
      )}
    </>
  );
}
