import { useMemo, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { Button } from "@/look/Button";
import { Notice } from "@/look/Notice";
import { Section } from "@/look/Page";
import { asJson, asObject, type JsonObject } from "@/schema-form/json";
import { ProblemSummary } from "@/schema-form/ProblemSummary";
import { Problems } from "@/schema-form/problems";
import { SchemaForm } from "@/schema-form/SchemaForm";
import type { SchemaNode } from "@/schema-form/shape";
import { Changes } from "./Changes";
import { useSubmit } from "./commands";
import { DataSection } from "./DataSection";
import { inOrder, type Written, writtenIn } from "./draft";
import { ListSection } from "./ListSection";
import { LossSection } from "./LossSection";
import styles from "./new-job.module.css";
import { memberNode } from "./nodes";
import { useValidation } from "./queries";
import { RecipeForm } from "./RecipeForm";
import { Snippets } from "./Snippets";
import { StudentSection } from "./StudentSection";
import { TeacherSection } from "./TeacherSection";
import { useSettled } from "./useSettled";
import { ValidationPanel } from "./ValidationPanel";

interface NewJobFormProps {
  node: SchemaNode;
  origin: Job | undefined;
  /** What is written already, where the job comes from nowhere. */
  begun?: JsonObject;
  onSubmitted: (job: Job) => void;
}

const DRAWN = ["teacher", "teachers", "data", "student", "loss", "recipe", "exports", "gates"];
const SETTLED_MS = 400;

export function NewJobForm({ node, origin, begun = {}, onSubmitted }: NewJobFormProps) {
  const [base] = useState<JsonObject>(() =>
    origin === undefined ? begun : asObject(asJson(origin.spec)),
  );
  const [spec, setSpec] = useState(base);
  const settled = useSettled(spec, SETTLED_MS);
  const validation = useValidation(settled);
  const submit = useSubmit(origin);
  const write = (key: string, value: Written) => setSpec((before) => writtenIn(before, key, value));
  // It is about the job that was sent: of one that has changed since, the live check speaks.
  const isRefused = submit.error !== null && submit.variables.spec === spec;
  const refusal = isRefused ? asProblem(submit.error) : null;
  const send = () =>
    submit.mutate({ spec, base: origin === undefined ? null : base }, { onSuccess: onSubmitted });
  const draft = { node, spec, write };
  const ordered = useMemo(() => inOrder(spec, node), [spec, node]);
  // An empty form is no mistake: what is needed stands beside it until something is written.
  const problems = spec === base && origin === undefined ? [] : (validation.data?.errors ?? []);
  const recipe = memberNode(node, "recipe");
  return (
    <Problems problems={refusal?.errors.length ? refusal.errors : problems}>
      <div className={styles.columns}>
        <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
          <ProblemSummary />
          <TeacherSection {...draft} />
          <DataSection {...draft} />
          <StudentSection {...draft} />
          <LossSection {...draft} />
          {recipe !== null && (
            <Section title="Recipe" note="How the student is trained.">
              <RecipeForm
                title="Recipe"
                node={recipe}
                pointer="/recipe"
                value={spec.recipe}
                onChange={(value) => write("recipe", value)}
              />
            </Section>
          )}
          <ListSection {...draft} title="Exports" name="exports" />
          <ListSection {...draft} title="Gates" name="gates" />
          <Section title="Name, resources and limits">
            <SchemaForm
              node={node}
              label="Job"
              pointer=""
              value={spec}
              without={DRAWN}
              onChange={(value) => setSpec(asObject(value))}
            />
          </Section>
        </form>
        <aside className={styles.aside}>
          {refusal !== null && (
            <Notice tone="bad" title={refusal.detail || refusal.title} hint={refusal.hint} />
          )}
          <Button
            kind="primary"
            busy={submit.isPending}
            disabled={validation.data?.valid !== true}
            onClick={send}
          >
            Submit the job
          </Button>
          <ValidationPanel
            validation={validation.data}
            error={validation.error}
            onAgain={() => void validation.refetch()}
            stale={spec !== settled || validation.isPlaceholderData}
          />
          {origin !== undefined && <Changes origin={origin} base={base} spec={spec} />}
          <Snippets spec={ordered} />
        </aside>
      </div>
    </Problems>
  );
}
