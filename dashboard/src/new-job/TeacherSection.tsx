import { useState } from "react";
import { Segments } from "@/look/inputs";
import { Section } from "@/look/Page";
import { ProblemsHere } from "@/schema-form/Group";
import { asObject, isJsonObject, type Json, type JsonObject } from "@/schema-form/json";
import { SchemaForm } from "@/schema-form/SchemaForm";
import { type DraftProps, inSection } from "./draft";
import { More } from "./More";
import { memberNode, solid } from "./nodes";
import { ReferenceField } from "./ReferenceField";
import { TeacherModel } from "./TeacherModel";
import { TrainedTeacher } from "./TrainedTeacher";

type Way = "none" | "model" | "reference" | "trained" | "several";

const WAYS: readonly { value: Way; title: string; hint: string }[] = [
  { value: "model", title: "From the library", hint: "A model that was uploaded" },
  { value: "trained", title: "Train one first", hint: "A teacher without weights yet" },
  { value: "reference", title: "By reference", hint: "What another job made, or a file" },
  { value: "several", title: "Several", hint: "The weighted mean of their answers" },
  { value: "none", title: "None", hint: "Train from the labels alone" },
];

/** What the way leaves of the teacher that was there: never what belongs to another way. */
function startOf(way: Way, before: JsonObject): JsonObject | undefined {
  const { checkpoint: _checkpoint, recipe: _recipe, architecture, ...rest } = before;
  if (way === "none" || way === "several") return undefined;
  if (way !== "trained") return Object.keys(rest).length === 0 ? undefined : rest;
  return { ...rest, ...(architecture === undefined ? {} : { architecture }), recipe: {} };
}

export function TeacherSection({ node, spec, write }: DraftProps) {
  const [picked, setPicked] = useState(() => wayOf(spec));
  const teacher = asObject(spec.teacher);
  const way = wayOf(spec) ?? picked ?? "model";
  const place = memberNode(node, "teacher");
  const several = memberNode(node, "teachers");
  const go = (next: Way) => {
    setPicked(next);
    write("teachers", next === "several" ? [{}, {}] : undefined);
    write("teacher", startOf(next, teacher));
  };
  const set = (member: string, value: Json | undefined) =>
    write("teacher", (before) => inSection(before, member, value));
  const rest = Object.keys(teacher).some((key) => !OWN.includes(key));
  return (
    <Section title="Teacher" note="Whom the student learns from.">
      <Segments label="Where the teacher comes from" options={WAYS} value={way} onChange={go} />
      <ProblemsHere pointer="/teacher" />
      {way === "model" && <TeacherModel teacher={teacher} set={set} />}
      {way === "reference" && (
        <ReferenceField
          label="Checkpoint"
          pointer="/teacher/checkpoint"
          value={teacher.checkpoint}
          onChange={(value) => set("checkpoint", value)}
        />
      )}
      {way === "trained" && place !== null && (
        <TrainedTeacher node={solid(place)} teacher={teacher} set={set} />
      )}
      {way === "several" && several !== null && (
        <SchemaForm
          node={solid(several)}
          label="Teachers"
          headed
          pointer="/teachers"
          value={spec.teachers}
          onChange={(value) => write("teachers", value)}
        />
      )}
      {(way === "model" || way === "reference" || way === "trained") && place !== null && (
        <More title="More about the teacher" open={rest}>
          <SchemaForm
            node={solid(place)}
            label="Teacher"
            pointer="/teacher"
            value={spec.teacher}
            without={way === "reference" ? ["checkpoint", "recipe"] : OWN}
            onChange={(value) => write("teacher", value)}
          />
        </More>
      )}
    </Section>
  );
}

const OWN = ["checkpoint", "architecture", "recipe"];

/** Which way the specification is; null where it does not say. */
function wayOf(spec: JsonObject): Way | null {
  if (spec.teachers !== undefined && spec.teachers !== null) return "several";
  if (!isJsonObject(spec.teacher)) return null;
  const { checkpoint, recipe } = spec.teacher;
  if (recipe !== undefined && recipe !== null) return "trained";
  if (typeof checkpoint !== "string") return null;
  return checkpoint.startsWith("mdl_") ? "model" : "reference";
}
