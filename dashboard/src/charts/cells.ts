export type MatrixKind = "share" | "difference";

export type CellTone = "count" | "better" | "worse";

export interface Shade {
  /** 0, nothing, to LEVELS. */
  level: number;
  tone: CellTone;
}

export const LEVELS = 8;

/** How strong a cell is drawn: as a share of its row, so that rare classes are seen too. The root
 * tells few confusions from fewer beside the many right answers. */
export function shadeOf(
  value: number,
  rowTotal: number,
  row: number,
  column: number,
  kind: MatrixKind,
): Shade {
  const share = rowTotal > 0 ? Math.abs(value) / rowTotal : 0;
  switch (kind) {
    case "share":
      return { level: levelOf(share), tone: "count" };
    case "difference":
      // More right answers are better, and fewer wrong ones.
      return {
        level: levelOf(share * 4),
        tone: value > 0 === (row === column) ? "better" : "worse",
      };
  }
}

function levelOf(share: number): number {
  if (share === 0) return 0;
  return Math.max(1, Math.min(LEVELS, Math.round(Math.sqrt(share) * LEVELS)));
}

export interface Layer extends Shade {
  /** Every cell of this shade as one path, in units of cells. */
  path: string;
}

/** A hundred classes have ten thousand cells, but no more than these few paths. */
export function layersOf(
  matrix: readonly (readonly number[])[],
  totals: readonly number[],
  kind: MatrixKind,
): Layer[] {
  const layers = new Map<string, Layer>();
  for (const [row, values] of matrix.entries()) {
    for (const [column, value] of values.entries()) {
      const shade = shadeOf(value, totals[row] ?? 0, row, column, kind);
      if (shade.level === 0) continue;
      const name = `${shade.tone} ${shade.level}`;
      const layer = layers.get(name) ?? { ...shade, path: "" };
      layer.path += `M${column} ${row}h1v1h-1z`;
      layers.set(name, layer);
    }
  }
  return [...layers.values()];
}

export interface Cell {
  row: number;
  column: number;
}

export interface NotableCell extends Cell {
  value: number;
}

/** The cells that say most: the commonest confusions, or the largest changes. */
export function notableCells(
  matrix: readonly (readonly number[])[],
  kind: MatrixKind,
  most = 20,
): NotableCell[] {
  const cells: NotableCell[] = [];
  for (const [row, values] of matrix.entries()) {
    for (const [column, value] of values.entries()) {
      if (value !== 0 && (kind === "difference" || row !== column)) {
        cells.push({ row, column, value });
      }
    }
  }
  return cells.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, most);
}

/** The cell that a key leads to. */
export function nextCell(cell: Cell, key: string, size: number): Cell | null {
  const inside = (place: number) => Math.min(size - 1, Math.max(0, place));
  switch (key) {
    case "ArrowUp":
      return { ...cell, row: inside(cell.row - 1) };
    case "ArrowDown":
      return { ...cell, row: inside(cell.row + 1) };
    case "ArrowLeft":
      return { ...cell, column: inside(cell.column - 1) };
    case "ArrowRight":
      return { ...cell, column: inside(cell.column + 1) };
    case "Home":
      return { ...cell, column: 0 };
    case "End":
      return { ...cell, column: size - 1 };
    default:
      return null;
  }
}
