import type { Scope } from "@/api/schema";
import { Chip } from "@/look/Chip";
import styles from "../system.module.css";
import { SCOPES } from "./scopes";

export function ScopeChips({ scopes }: { scopes: readonly Scope[] }) {
  return (
    <span className={styles.scopes}>
      {SCOPES.filter(({ scope }) => scopes.includes(scope)).map(({ scope, may }) => (
        <Chip key={scope} title={`May ${may}`} tone={scope === "admin" ? "warn" : "neutral"}>
          {scope}
        </Chip>
      ))}
    </span>
  );
}
