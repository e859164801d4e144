import type { Job } from "@/api/schema";
import { Anchor } from "@/look/Anchor";
import { Section } from "@/look/Page";
import type { Json, JsonObject } from "@/schema-form/json";
import { differences } from "./differences";
import styles from "./new-job.module.css";

interface ChangesProps {
  origin: Job;
  base: JsonObject;
  spec: JsonObject;
}

/** What the clone has otherwise than the job that it comes from. */
export function Changes({ origin, base, spec }: ChangesProps) {
  const found = differences(base, spec);
  return (
    <Section
      title="Changes"
      note={
        <>
          From <Anchor to={`/jobs/${origin.id}`}>{origin.name}</Anchor>
        </>
      }
    >
      {found.length === 0 ? (
        <p className={styles.note}>Nothing yet: as it is, it runs the same job once more.</p>
      ) : (
        <ul className={styles.list}>
          {found.map(({ pointer, before, after }) => (
            <li key={pointer}>
              <code>{pointer.slice(1).replaceAll("/", ".")}</code>
              <p className={styles.change}>
                <del>{inShort(before)}</del> <span aria-hidden="true">→</span>{" "}
                <ins>{inShort(after)}</ins>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function inShort(value: Json | undefined): string {
  return value === undefined ? "not written" : JSON.stringify(value);
}
