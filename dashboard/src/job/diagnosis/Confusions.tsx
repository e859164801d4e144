import { useMemo, useState } from "react";
import { Matrix } from "@/charts/Matrix";
import type { Confusion, Diagnosis, Report } from "@/job/report";
import { count } from "@/look/format";
import { Segments, Select } from "@/look/inputs";
import { Section } from "@/look/Page";
import { Cells } from "./Cells";
import styles from "./DiagnosisTab.module.css";
import { type Alike, alike, classNames, sameConfusion } from "./models";

/** More than these do not fit side by side. */
const MOST_SEGMENTS = 5;

export function Confusions({ report, diagnosis }: { report: Report; diagnosis: Diagnosis }) {
  const groups = useMemo(() => alike(diagnosis.models ?? [], sameConfusion), [diagnosis.models]);
  const [chosen, setChosen] = useState("student");
  const group = groups.find(({ model }) => model.name === chosen) ?? groups[0];
  if (group === undefined) return null;
  return (
    <Section
      title="Confusions"
      note="Who is taken for whom. Blue is better than the reference: more right answers, fewer confusions."
      actions={<Choice groups={groups} chosen={group.model.name} onChoose={setChosen} />}
    >
      <Maps
        confusion={group.model.confusion}
        name={group.model.name}
        names={classNames(report, diagnosis.classes)}
        reference={diagnosis.reference ?? null}
      />
      {group.others.length > 0 && (
        <p className={styles.soft}>
          {group.others.join(", ")}: the same confusions as {group.model.name}.
        </p>
      )}
    </Section>
  );
}

interface ChoiceProps {
  groups: readonly Alike[];
  chosen: string;
  onChoose: (name: string) => void;
}

function Choice({ groups, chosen, onChoose }: ChoiceProps) {
  const names = groups.map(({ model }) => model.name);
  if (names.length < 2) return null;
  if (names.length > MOST_SEGMENTS) {
    return (
      <Select aria-label="Model" value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    );
  }
  const options = names.map((name) => ({ value: name, title: name }));
  return <Segments label="Model" options={options} value={chosen} onChange={onChoose} />;
}

interface MapsProps {
  confusion: Confusion;
  name: string;
  names: readonly string[];
  reference: string | null;
}

function Maps({ confusion, name, names, reference }: MapsProps) {
  const { matrix, difference, largest, changed } = confusion;
  if (!matrix) {
    return (
      <>
        <p className={styles.soft}>
          Of {count(names.length)} classes the largest are listed; a map would not show them.
        </p>
        <div className={styles.maps}>
          <Cells title="Most frequent confusions" cells={largest} reference={reference} />
          {changed && changed.length > 0 && (
            <Cells
              title={`Changed most against the ${reference}`}
              cells={changed}
              reference={reference}
            />
          )}
        </div>
      </>
    );
  }
  const totals = matrix.map((row) => row.reduce((sum, value) => sum + value, 0));
  return (
    <div className={styles.maps}>
      <Matrix label={`All answers of ${withArticle(name)}`} names={names} matrix={matrix} />
      {difference && (
        <Matrix
          label={`Less those of the ${reference}`}
          names={names}
          matrix={difference}
          totals={totals}
          kind="difference"
        />
      )}
    </div>
  );
}

function withArticle(name: string): string {
  return ["teacher", "student", "baseline"].includes(name) ? `the ${name}` : name;
}
