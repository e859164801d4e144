import type { Model } from "@/api/schema";
import { described, Select } from "@/look/inputs";
import type { Json, JsonObject } from "@/schema-form/json";
import { useMay } from "@/session/session";
import { NewModelForm } from "@/uploads/NewModelForm";
import { CheckNotice } from "./CheckNotice";
import { textIn } from "./draft";
import { More } from "./More";
import { PlacedField } from "./PlacedField";
import { useModels } from "./queries";

interface TeacherModelProps {
  teacher: JsonObject;
  set: (member: string, value: Json | undefined) => void;
}

/** One of the models that were uploaded, or a new one. */
export function TeacherModel({ teacher, set }: TeacherModelProps) {
  const models = useModels();
  const may = useMay("data:write");
  const chosen = textIn(teacher, "checkpoint");
  const known = models.data?.data ?? [];
  const model = known.find(({ id }) => id === chosen);
  const usable = known.filter(({ id, state }) => state !== "rejected" || id === chosen);
  const none = models.isSuccess && usable.length === 0;
  return (
    <>
      <PlacedField label="Model" pointer="/teacher/checkpoint" required>
        {(ids) => (
          <Select
            {...described(ids)}
            value={chosen}
            onChange={({ target }) => set("checkpoint", target.value || undefined)}
          >
            <option value="">{none ? "None yet: upload one below" : "Choose…"}</option>
            {chosen !== "" && model === undefined && <option value={chosen}>{chosen}</option>}
            {usable.map((each) => (
              <option key={each.id} value={each.id}>
                {wordsOf(each)}
              </option>
            ))}
          </Select>
        )}
      </PlacedField>
      {model !== undefined && <CheckNotice state={model.state} problems={model.problems} />}
      {may && (
        <More title="Upload a checkpoint" open={none}>
          <NewModelForm onMade={(id) => set("checkpoint", id)} />
        </More>
      )}
    </>
  );
}

function wordsOf({ name, architecture, state }: Model): string {
  const of = architecture === null ? "" : ` · ${architecture}`;
  return `${name}${of}${state === "checking" ? " · being checked" : ""}`;
}
