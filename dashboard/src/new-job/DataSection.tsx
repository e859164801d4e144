import type { Dataset, DatasetVersion } from "@/api/schema";
import { count } from "@/look/format";
import { described, Select } from "@/look/inputs";
import { Section } from "@/look/Page";
import { ProblemsHere } from "@/schema-form/Group";
import { asObject } from "@/schema-form/json";
import { SchemaForm } from "@/schema-form/SchemaForm";
import { useMay } from "@/session/session";
import { NewDatasetForm } from "@/uploads/NewDatasetForm";
import { CheckNotice } from "./CheckNotice";
import { type DraftProps, inSection, textIn } from "./draft";
import { More } from "./More";
import { memberNode } from "./nodes";
import { PlacedField } from "./PlacedField";
import { useDatasets } from "./queries";

const BUILT_IN = "digits";

/** What both models look at: a version of a data set, the built-in digits, or an upload. */
export function DataSection({ node, spec, write }: DraftProps) {
  const datasets = useDatasets();
  const may = useMay("data:write");
  const place = memberNode(node, "data");
  const chosen = textIn(spec.data, "dataset");
  const known = datasets.data?.data ?? [];
  const version = known.flatMap(({ versions }) => versions).find(({ ref }) => ref === chosen);
  const choose = (ref: string) =>
    write("data", (data) => inSection(data, "dataset", ref === "" ? undefined : ref));
  const rest = Object.keys(asObject(spec.data)).some((key) => key !== "dataset");
  return (
    <Section title="Data" note="What both models look at.">
      <ProblemsHere pointer="/data" />
      <PlacedField label="Data set" pointer="/data/dataset" required>
        {(ids) => (
          <Select
            {...described(ids)}
            value={chosen}
            onChange={({ target }) => choose(target.value)}
          >
            <option value="">Choose…</option>
            <option value={BUILT_IN}>digits · built in, 1797 images of 10 classes</option>
            {chosen !== "" && chosen !== BUILT_IN && version === undefined && (
              <option value={chosen}>{chosen}</option>
            )}
            {known.map((dataset) => (
              <Versions key={dataset.id} dataset={dataset} chosen={chosen} />
            ))}
          </Select>
        )}
      </PlacedField>
      {version !== undefined && <CheckNotice state={version.state} problems={version.problems} />}
      {may && (
        <More title="Upload images" open={false}>
          <NewDatasetForm onMade={choose} />
        </More>
      )}
      {place !== null && (
        <More title="More about the data" open={rest}>
          <SchemaForm
            node={place}
            label="Data"
            pointer="/data"
            value={spec.data}
            without={["dataset"]}
            onChange={(value) => write("data", value)}
          />
        </More>
      )}
    </Section>
  );
}

function Versions({ dataset, chosen }: { dataset: Dataset; chosen: string }) {
  const usable = dataset.versions.filter(
    ({ ref, state }) => state !== "rejected" || ref === chosen,
  );
  if (usable.length === 0) return null;
  return (
    <optgroup label={dataset.name}>
      {usable.map((version) => (
        <option key={version.ref} value={version.ref}>
          {dataset.name} · {wordsOf(version)}
        </option>
      ))}
    </optgroup>
  );
}

function wordsOf({ version, state, facts }: DatasetVersion): string {
  if (state === "checking") return `version ${version}, being checked`;
  const samples = facts?.samples;
  return typeof samples === "number"
    ? `version ${version}, ${count(samples)} images`
    : `version ${version}`;
}
