import type { Loss, Preset } from "@/api/schema";
import { kept } from "@/schema-form/fits";
import {
  asJson,
  asObject,
  isJsonList,
  isJsonObject,
  type Json,
  type JsonObject,
} from "@/schema-form/json";
import { rootNode } from "@/schema-form/shape";

/** The ways to write a loss: the sum of a paper by its name, a preset, or terms of one's own. */
export type LossWay = "paper" | "preset" | "terms";

export function lossWay(loss: Json | undefined): LossWay | null {
  if (typeof loss === "string") return "paper";
  if (isJsonList(loss)) return "terms";
  if (isJsonObject(loss)) return Object.hasOwn(loss, "preset") ? "preset" : "terms";
  return null;
}

/** The terms that a loss stands for, so that a published sum can be changed. */
export function termsOf(
  loss: Json | undefined,
  losses: readonly Loss[],
  presets: readonly Preset[],
): readonly JsonObject[] {
  if (isJsonList(loss)) return loss.map(asObject);
  if (typeof loss === "string") {
    return objects(losses.find(({ kind }) => kind === loss)?.paper_sum ?? []);
  }
  if (!isJsonObject(loss)) return [];
  if (!Object.hasOwn(loss, "preset")) return [loss];
  const named = presets.find(({ kind, name }) => kind === "loss" && name === loss.preset);
  return objects(named?.terms ?? []);
}

function objects(terms: readonly unknown[]): JsonObject[] {
  return terms.map((term) => asObject(asJson(term)));
}

/** The term as one of another kind: what both have, and the other takes, stays. */
export function ofKind(term: JsonObject, loss: Loss): JsonObject {
  const { kind, weight, ...rest } = kept(rootNode(loss.schema), { ...term, kind: loss.kind });
  const weighted = weight === undefined ? rest : { weight, ...rest };
  return { kind: kind ?? loss.kind, ...weighted };
}
