import { useMemo, useState } from "react";
import { serviceUrl } from "@/api/place";
import { CodeBlock } from "@/look/CodeBlock";
import { Section } from "@/look/Page";
import { Tabs } from "@/look/Tabs";
import type { JsonObject } from "@/schema-form/json";
import styles from "./new-job.module.css";
import { snippetsOf } from "./snippets";

/** The same job without this page. */
export function Snippets({ spec }: { spec: JsonObject }) {
  const [current, setCurrent] = useState("curl");
  const snippets = useMemo(() => snippetsOf(spec, serviceUrl), [spec]);
  const shown = snippets.find(({ id }) => id === current) ?? snippets[0];
  return (
    <Section title="The same job elsewhere">
      <Tabs
        label="Ways to submit"
        tabs={snippets.map(({ id, title }) => ({ id, title }))}
        current={current}
        onChange={setCurrent}
      >
        {shown !== undefined && (
          <>
            <p className={styles.note}>{shown.note}</p>
            <CodeBlock code={shown.code} language={shown.language} label={shown.title} />
          </>
        )}
      </Tabs>
    </Section>
  );
}
