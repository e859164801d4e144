/** Which lines of a log are wanted. */
import type { Level, LogEntry } from "@/api/schema";

/** From the least to the most important. */
export const LEVELS: readonly Level[] = ["debug", "info", "warning", "error"];

export function wantedLines(
  lines: readonly LogEntry[],
  least: Level,
  letters: string,
): readonly LogEntry[] {
  const from = LEVELS.indexOf(least);
  const wanted = letters.trim().toLowerCase();
  if (from === 0 && wanted === "") return lines;
  return lines.filter(
    ({ level, text }) =>
      LEVELS.indexOf(level) >= from && (wanted === "" || text.toLowerCase().includes(wanted)),
  );
}
