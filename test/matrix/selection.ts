import { allCells, type Cell, cellName, rotatedCells } from './cell.ts';
import { cutCells } from './cuts.ts';

/** Which cells to play; the same selection is the same cells. */
export interface Selection {
  /** Cuts at every byte instead of the matrix. */
  cuts: boolean;
  /** One backup for each combination of the rest, by turns. */
  rotate: boolean;
  /** Every so many cells (bytes, of cuts), beginning with `phase`. */
  stride: number;
  phase: number;
  /** Only cells with this in their name. */
  match: string;
}

/** One of `of` shares of the selected cells: every `of`th. */
export function selectCells({ cuts, rotate, stride, phase, match }: Selection, share: number, of: number): Cell[] {
  const cells = cuts
    ? [...cutCells(stride, phase)]
    : (rotate ? rotatedCells() : allCells()).filter((_, index) => index % stride === phase % stride);
  return cells.filter((cell) => cellName(cell).includes(match)).filter((_, index) => index % of === share);
}
