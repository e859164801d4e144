import { type FormEvent, useId, useState } from "react";
import type { Scope } from "@/api/schema";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Field } from "@/look/Field";
import { Checkbox, described, Select, TextInput } from "@/look/inputs";
import { useSession } from "@/session/session";
import styles from "../system.module.css";
import { useNewKey } from "./commands";
import { Problem } from "./Problem";
import { SCOPES, USUAL } from "./scopes";
import { Token } from "./Token";

const LIVES: readonly { days: string; title: string }[] = [
  { days: "1", title: "tomorrow" },
  { days: "7", title: "in a week" },
  { days: "30", title: "in 30 days" },
  { days: "90", title: "in 90 days" },
  { days: "365", title: "in a year" },
  { days: "", title: "never" },
];
const DAY_MS = 86_400_000;

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const { me } = useSession();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(USUAL);
  const [project, setProject] = useState(me.key.project ?? "");
  const [days, setDays] = useState("90");
  const create = useNewKey();
  const form = useId();

  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate({
      name,
      scopes: [...scopes],
      ...(project !== "" && { project }),
      ...(days !== "" && {
        expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      }),
    });
  }

  if (create.data !== undefined) return <Token made={create.data} onClose={onClose} />;
  return (
    <Dialog
      title="New key"
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Make none</Button>
          <Button
            kind="primary"
            type="submit"
            form={form}
            busy={create.isPending}
            disabled={scopes.length === 0}
          >
            Make the key
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <Problem error={create.error} />
        <Field label="Name" help="What it is for, and so what stops when it is revoked." required>
          {(ids) => (
            <TextInput
              {...described(ids)}
              required
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Scopes chosen={scopes} onChange={setScopes} />
        <Field
          label="Project"
          help={
            me.key.project === null
              ? "The only one that it sees. Empty: all of the tenant."
              : "That of your own key, which is bound to it."
          }
        >
          {(ids) => (
            <TextInput
              {...described(ids)}
              autoComplete="off"
              spellCheck={false}
              disabled={me.key.project !== null}
              value={project}
              onChange={({ target }) => setProject(target.value.trim())}
            />
          )}
        </Field>
        <Field label="Expires" help="From then on it is refused.">
          {(ids) => (
            <Select
              {...described(ids)}
              value={days}
              onChange={({ target }) => setDays(target.value)}
            >
              {LIVES.map((life) => (
                <option key={life.days} value={life.days}>
                  {life.title}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </form>
    </Dialog>
  );
}

interface ScopesProps {
  chosen: readonly Scope[];
  onChange: (scopes: readonly Scope[]) => void;
}

function Scopes({ chosen, onChange }: ScopesProps) {
  return (
    <fieldset className={styles.choices}>
      <legend className={styles.legend}>It may</legend>
      {SCOPES.map(({ scope, may }) => (
        <Checkbox
          key={scope}
          label={
            <>
              <code>{scope}</code> <span className={styles.soft}>{may}</span>
            </>
          }
          checked={chosen.includes(scope)}
          onChange={({ target }) =>
            onChange(
              target.checked ? [...chosen, scope] : chosen.filter((other) => other !== scope),
            )
          }
        />
      ))}
    </fieldset>
  );
}
