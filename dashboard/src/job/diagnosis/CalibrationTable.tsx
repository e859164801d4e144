import { count, percent } from "@/look/format";
import type { Curve } from "./Reliability";

/** The bins in numbers, without those that are empty. */
export function CalibrationTable({ curves }: { curves: readonly Curve[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">model</th>
          <th scope="col">samples</th>
          <th scope="col">confidence</th>
          <th scope="col">right</th>
        </tr>
      </thead>
      <tbody>
        {curves.flatMap(({ name, bins }) =>
          bins
            .filter((bin) => bin.count > 0)
            .map((bin) => (
              <tr key={`${name} ${bin.confidence}`}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <td>{count(bin.count)}</td>
                <td>{percent(bin.confidence, 1)}</td>
                <td>{percent(bin.accuracy, 1)}</td>
              </tr>
            )),
        )}
      </tbody>
    </table>
  );
}
