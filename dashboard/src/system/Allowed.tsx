import type { ReactNode } from "react";
import type { Scope } from "@/api/schema";
import { Notice } from "@/look/Notice";
import { useMay } from "@/session/session";

interface Props {
  scope: Scope;
  what: string;
  children: ReactNode;
}

/** Its children for a key that has the scope; for another, which scope it lacks. */
export function Allowed({ scope, what, children }: Props) {
  if (useMay(scope)) return children;
  return (
    <Notice
      tone="warn"
      title={`Your key may not see ${what}`}
      hint="Sign in with a key that has it; an administrator makes one."
    >
      It lacks the scope <code>{scope}</code>.
    </Notice>
  );
}
