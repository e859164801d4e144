import { useState } from "react";
import type { Job } from "@/api/schema";
import { ButtonLink } from "@/app/ButtonLink";
import { CodeBlock } from "@/look/CodeBlock";
import { Copyable } from "@/look/Copyable";
import { CopyIcon } from "@/look/icons";
import { Segments } from "@/look/inputs";
import { Section } from "@/look/Page";
import { Against } from "./Against";
import styles from "./SpecTab.module.css";
import { yamlOf } from "./yaml";

type View = "resolved" | "sent" | "against";

export function SpecTab({ job }: { job: Job }) {
  const [view, setView] = useState<View>("resolved");
  return (
    <Section
      title="Specification"
      note={NOTES[view]}
      actions={
        <>
          <Segments
            label="What to show"
            options={[
              { value: "resolved", title: "Resolved" },
              { value: "sent", title: "As sent" },
              { value: "against", title: "Differences" },
            ]}
            value={view}
            onChange={setView}
          />
          <ButtonLink to={`/new?from=${job.id}`}>
            <CopyIcon /> Clone
          </ButtonLink>
        </>
      }
    >
      <div className={styles.body}>
        {view === "resolved" && (
          <CodeBlock label="Resolved" language="YAML" code={yamlOf(job.resolved)} />
        )}
        {view === "sent" && <CodeBlock label="As sent" language="YAML" code={yamlOf(job.spec)} />}
        {view === "against" && <Against job={job} />}
        <p className={styles.fingerprint}>
          <span>Fingerprint of the science</span>
          <Copyable text={job.fingerprint} label="fingerprint" />
        </p>
      </div>
    </Section>
  );
}

const NOTES: Record<View, string> = {
  resolved: "With every default written out, as it was then.",
  sent: "What was handed in.",
  against: "What this job asks for, held against another one.",
};
