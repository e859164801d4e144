import type { Loss } from "@/api/schema";
import { Button, IconButton } from "@/look/Button";
import { CrossIcon, PlusIcon } from "@/look/icons";
import { described, Select } from "@/look/inputs";
import { asObject, type JsonObject } from "@/schema-form/json";
import { SchemaForm } from "@/schema-form/SchemaForm";
import { rootNode } from "@/schema-form/shape";
import { ofKind } from "./loss";
import styles from "./new-job.module.css";
import { PlacedField } from "./PlacedField";

interface TermsProps {
  losses: readonly Loss[];
  terms: readonly JsonObject[];
  onChange: (terms: readonly JsonObject[]) => void;
}

/** A weighted sum. Which losses there are, and what each is told, the catalogue says. */
export function Terms({ losses, terms, onChange }: TermsProps) {
  const add = () => {
    const [first] = losses;
    if (first !== undefined) onChange([...terms, { kind: first.kind }]);
  };
  return (
    <>
      <ol className={styles.terms}>
        {terms.map((term, index) => (
          <Term
            // biome-ignore lint/suspicious/noArrayIndexKey: a term is known by its place alone
            key={index}
            index={index}
            losses={losses}
            term={term}
            onChange={(next) => onChange(terms.with(index, next))}
            onRemove={() => onChange(terms.toSpliced(index, 1))}
          />
        ))}
      </ol>
      <div>
        <Button size="small" onClick={add}>
          <PlusIcon /> Add a term
        </Button>
      </div>
    </>
  );
}

interface TermProps {
  index: number;
  losses: readonly Loss[];
  term: JsonObject;
  onChange: (term: JsonObject) => void;
  onRemove: () => void;
}

function Term({ index, losses, term, onChange, onRemove }: TermProps) {
  const kind = typeof term.kind === "string" ? term.kind : "";
  const loss = losses.find((each) => each.kind === kind);
  const choose = (wanted: string) => {
    const next = losses.find((each) => each.kind === wanted);
    if (next !== undefined) onChange(ofKind(term, next));
  };
  return (
    <li className={styles.term}>
      <div className={styles.termHead}>
        <PlacedField
          label={`Term ${index + 1}`}
          pointer={`/loss/${index}/kind`}
          help={loss?.summary}
          required
        >
          {(ids) => (
            <Select
              {...described(ids)}
              value={kind}
              onChange={({ target }) => choose(target.value)}
            >
              {loss === undefined && <option value={kind}>{kind || "Choose…"}</option>}
              {losses.map((each) => (
                <option key={each.kind} value={each.kind}>
                  {each.kind} · {each.family}
                </option>
              ))}
            </Select>
          )}
        </PlacedField>
        <IconButton label={`Remove term ${index + 1}`} icon={<CrossIcon />} onClick={onRemove} />
      </div>
      {loss !== undefined && (
        <SchemaForm
          node={rootNode(loss.schema)}
          label={kind}
          pointer={`/loss/${index}`}
          value={term}
          without={["kind"]}
          onChange={(next) => onChange({ kind, ...asObject(next) })}
        />
      )}
    </li>
  );
}
