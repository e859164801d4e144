import type { ParetoPoint } from "./front";

interface ParetoTableProps {
  points: readonly ParetoPoint[];
  front: readonly ParetoPoint[];
  costName: string;
  worthName: string;
  formatCost: (cost: number) => string;
  formatWorth: (worth: number) => string;
}

export function ParetoTable(props: ParetoTableProps) {
  const { points, front, costName, worthName, formatCost, formatWorth } = props;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">model</th>
          <th scope="col">{worthName}</th>
          <th scope="col">{costName}</th>
          <th scope="col">on the front</th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.id}>
            <th scope="row" title={point.label}>
              {point.label}
            </th>
            <td>{formatWorth(point.worth)}</td>
            <td>{formatCost(point.cost)}</td>
            <td>{front.includes(point) ? "yes" : "no"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
