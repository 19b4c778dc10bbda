// Where one is in a sheet and what the keys do there, as in every spreadsheet. Row -1 is the header, the row behind the last rule is free.

import type { Place } from '../model/table-cells';

export interface Cursor {
  at: Place;
  /** The other end of the selection. */
  to: Place;
  /** The cell at the cursor is typed into: over what stood there, or in it, when arrows move within the text. */
  typing: { text: string; over: boolean } | undefined;
}

export interface Size {
  rules: number;
  columns: number;
}

export const START: Cursor = { at: { row: 0, column: 0 }, to: { row: 0, column: 0 }, typing: undefined };

function within({ row, column }: Place, size: Size): Place {
  return { row: Math.max(-1, Math.min(size.rules, row)), column: Math.max(0, Math.min(size.columns - 1, column)) };
}

export function put(place: Place, size: Size): Cursor {
  const at = within(place, size);
  return { at, to: at, typing: undefined };
}

export function stretched(cursor: Cursor, to: Place, size: Size): Cursor {
  const end = within(to, size);
  return { ...cursor, at: { ...cursor.at, row: Math.max(0, cursor.at.row) }, to: { ...end, row: Math.max(0, end.row) }, typing: undefined };
}

/** Where a key leads; undefined for keys that lead nowhere. */
export function led(cursor: Cursor, key: string, far: boolean, page: number, size: Size, stretching: boolean): Place | undefined {
  const { row, column } = stretching ? cursor.to : cursor.at;
  switch (key) {
    case 'ArrowUp':
      return { row: far ? 0 : row - 1, column };
    case 'ArrowDown':
      return { row: far ? size.rules - 1 : row + 1, column };
    case 'ArrowLeft':
      return { row, column: far ? 0 : column - 1 };
    case 'ArrowRight':
      return { row, column: far ? size.columns - 1 : column + 1 };
    case 'Home':
      return { row: far ? 0 : row, column: 0 };
    case 'End':
      return { row: far ? size.rules - 1 : row, column: size.columns - 1 };
    case 'PageUp':
      return { row: Math.max(0, row - page), column };
    case 'PageDown':
      return { row: row + page, column };
    default:
      return undefined;
  }
}

/** The next cell by Tab, line after line; undefined at the ends, where Tab leaves the sheet. */
export function tabbed({ at }: Cursor, back: boolean, size: Size): Place | undefined {
  const next = at.column + (back ? -1 : 1);
  if (next >= 0 && next < size.columns) return { row: at.row, column: next };
  const row = at.row + (back ? -1 : 1);
  if (row < 0 || row > size.rules) return undefined;
  return { row, column: back ? size.columns - 1 : 0 };
}
