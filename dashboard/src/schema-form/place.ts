import type { ReactNode } from "react";
import type { FieldIds } from "@/look/Field";
import { described } from "@/look/inputs";
import type { Json } from "./json";
import type { SchemaNode } from "./shape";

/** One place of the document that a form is about. */
export interface PlaceProps {
  node: SchemaNode;
  label: string;
  pointer: string;
  /** What the user has written; undefined is nothing. */
  value: Json | undefined;
  /** What applies while nothing is written: a preset's value, or the default. */
  inherited: Json | undefined;
  required: boolean;
  /** What its group shows beside the label: the switch of a section that may be absent. */
  beside?: ReactNode;
  /** A heading around the form says the label already. */
  headed?: boolean;
  onChange: (value: Json | undefined) => void;
}

export interface ControlProps {
  node: SchemaNode;
  ids: FieldIds;
  /** For a control without a label of its own: the second item of a list. */
  spoken?: string | undefined;
  value: Json | undefined;
  inherited: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

export function attributes(ids: FieldIds, spoken?: string | undefined) {
  return spoken === undefined ? described(ids) : { ...described(ids), "aria-label": spoken };
}
