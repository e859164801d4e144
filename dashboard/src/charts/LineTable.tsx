import { memo } from "react";
import { count, MISSING } from "@/look/format";
import { type Line, lastValue, type ReferenceLine } from "./lines";

interface LineTableProps {
  lines: readonly Line[];
  references: readonly ReferenceLine[];
  format: (value: number) => string;
  stepName: string;
}

/** Kept while the cursor moves: it looks at every point. */
export const LineTable = memo(function LineTable({
  lines,
  references,
  format,
  stepName,
}: LineTableProps) {
  const written = (value: number | null) => (value === null ? MISSING : format(value));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">line</th>
          <th scope="col">points</th>
          <th scope="col">last</th>
          <th scope="col">lowest</th>
          <th scope="col">at {stepName}</th>
          <th scope="col">highest</th>
          <th scope="col">at {stepName}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const { lowest, highest } = extremes(line);
          return (
            <tr key={line.id}>
              <th scope="row" title={line.label}>
                {line.label}
              </th>
              <td>{count(line.steps.length)}</td>
              <td>{written(lastValue(line))}</td>
              <td>{written(lowest?.value ?? null)}</td>
              <td>{lowest === null ? MISSING : count(lowest.step)}</td>
              <td>{written(highest?.value ?? null)}</td>
              <td>{highest === null ? MISSING : count(highest.step)}</td>
            </tr>
          );
        })}
        {references.map(({ label, value }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>constant</td>
            <td>{format(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
});

interface Point {
  step: number;
  value: number;
}

function extremes(line: Line): { lowest: Point | null; highest: Point | null } {
  let lowest: Point | null = null;
  let highest: Point | null = null;
  for (const [place, value] of line.values.entries()) {
    const step = line.steps[place];
    if (value === null || step === undefined) continue;
    if (lowest === null || value < lowest.value) lowest = { step, value };
    if (highest === null || value > highest.value) highest = { step, value };
  }
  return { lowest, highest };
}
