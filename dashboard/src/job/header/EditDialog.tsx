import { type FormEvent, useId, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job } from "@/api/schema";
import { Overtaken, useEdit } from "@/job/edit";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Field } from "@/look/Field";
import { described, Select, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import styles from "./Dialogs.module.css";
import { LabelFields } from "./LabelFields";
import { asLabels, labelProblem, pairsOf } from "./labels";

const PRIORITIES: readonly Job["priority"][] = ["low", "normal", "high"];

/** `opened` stays as it was when the dialog was: that is what the editor has seen. */
export function EditDialog({ opened: job, onClose }: { opened: Job; onClose: () => void }) {
  const [opened, setOpened] = useState(job);
  const [name, setName] = useState(job.name);
  const [priority, setPriority] = useState(job.priority);
  const [pairs, setPairs] = useState(() => pairsOf(job.labels));
  const edit = useEdit(opened, onClose);
  const form = useId();
  const wrong = labelProblem(pairs);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (wrong === null) edit.mutate({ name, labels: asLabels(pairs), priority });
  }

  return (
    <Dialog
      title="Edit this job"
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Leave as it is</Button>
          <Button kind="primary" type="submit" form={form} busy={edit.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        {edit.error !== null && (
          <Refused
            error={edit.error}
            onTakeTheirs={(now) => {
              setOpened(now);
              setName(now.name);
              setPairs(pairsOf(now.labels));
              setPriority(now.priority);
              edit.reset();
            }}
          />
        )}
        <Field label="Name" required>
          {(ids) => (
            <TextInput
              {...described(ids)}
              value={name}
              required
              maxLength={200}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <LabelFields pairs={pairs} onChange={setPairs} problem={wrong} />
        {(job.state === "queued" || job.state === "paused") && (
          <Field label="Priority" help="Which jobs of the queue go first.">
            {(ids) => (
              <Select
                {...described(ids)}
                value={priority}
                onChange={({ target }) =>
                  setPriority(PRIORITIES.find((known) => known === target.value) ?? priority)
                }
              >
                {PRIORITIES.map((known) => (
                  <option key={known}>{known}</option>
                ))}
              </Select>
            )}
          </Field>
        )}
      </form>
    </Dialog>
  );
}

function Refused({ error, onTakeTheirs }: { error: Error; onTakeTheirs: (now: Job) => void }) {
  if (error instanceof Overtaken) {
    return (
      <Notice
        tone="warn"
        title={error.message}
        hint="Nothing was saved. Look at what it is now, and change that."
        action={
          <Button size="small" onClick={() => onTakeTheirs(error.now)}>
            Show it
          </Button>
        }
      />
    );
  }
  const problem = asProblem(error);
  return (
    <Notice tone="bad" title={problem.detail || problem.title} hint={problem.hint}>
      {problem.errors.map(({ pointer, message, hint }) => (
        <p key={pointer + message}>
          <code>{pointer}</code> {message} {hint}
        </p>
      ))}
    </Notice>
  );
}
