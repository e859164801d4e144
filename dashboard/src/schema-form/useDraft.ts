import { useState } from "react";
import { type Json, same } from "./json";

/** Text that is kept as it is typed while it stands for the value: "0.0" on the way to "0.01". */
export function useDraft(
  value: Json | undefined,
  read: (text: string) => Json | undefined,
  write: (value: Json | undefined) => string,
) {
  const [typed, setTyped] = useState<string | null>(null);
  const holds = typed !== null && same(read(typed), value);
  return {
    text: holds ? typed : write(value),
    write(text: string): Json | undefined {
      setTyped(text);
      return read(text);
    },
  };
}
