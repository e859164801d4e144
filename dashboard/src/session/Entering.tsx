import type { ApiProblem } from "@/api/problem";
import { Notice } from "@/look/Notice";
import styles from "@/session/session.module.css";

/** While it is found out who this is; it takes long only when the service does not answer. */
export function Entering({ problem }: { problem: ApiProblem | null }) {
  return (
    <main className={styles.place} aria-busy={problem === null}>
      {problem ? (
        <Notice tone="warn" title="Stillhouse does not answer" hint={problem.wayOut}>
          This page goes on trying.
        </Notice>
      ) : (
        <p className={styles.quiet}>Signing in</p>
      )}
    </main>
  );
}
