// What stands in the cells of a decision table as text, and ranges of cells as spreadsheets copy them.

import type { DecisionTask, Json, Value } from '@/shared/graph/types';

/** The conditions come first, then the outputs. */
export interface Place {
  row: number;
  column: number;
}

export interface Range {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export function rangeOf(a: Place, b: Place): Range {
  return { top: Math.min(a.row, b.row), left: Math.min(a.column, b.column), bottom: Math.max(a.row, b.row), right: Math.max(a.column, b.column) };
}

export function widthOf(table: DecisionTask): number {
  return table.inputs.length + table.outputs.length;
}

function parsed(text: string): { json: Json } | undefined {
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

/** An output as it is typed: nothing for null, JSON where it is JSON, an expression behind "=", else a text as it is. */
export function outputText(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return value === '' || value.trim() !== value || parsed(value) !== undefined || value.startsWith('"') ? JSON.stringify(value) : value;
}

/** The output that a typed text stands for: outputValue(outputText(x)) is x. */
export function outputValue(text: string): Value {
  const plain = text.trim();
  if (plain === '') return null;
  if (plain.startsWith('=')) return plain;
  const read = parsed(plain);
  return read === undefined ? plain : read.json;
}

export function textAt(table: DecisionTask, { row, column }: Place): string {
  const rule = table.rules[row];
  if (rule === undefined) return '';
  if (column < table.inputs.length) return rule.when[column] ?? '';
  const value = rule.then[column - table.inputs.length];
  return value === undefined ? '' : outputText(value);
}

/** A range as spreadsheets put it on the clipboard: tabs between cells, quotes around what holds tabs, breaks or quotes. */
export function toTsv(table: DecisionTask, range: Range): string {
  const lines: string[] = [];
  for (let row = range.top; row <= range.bottom; row++) {
    const cells: string[] = [];
    for (let column = range.left; column <= range.right; column++) cells.push(quoted(textAt(table, { row, column })));
    lines.push(cells.join('\t'));
  }
  return lines.join('\n');
}

function quoted(cell: string): string {
  return /[\t\n\r]/.test(cell) || cell.startsWith('"') ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Reads what a spreadsheet copied. A cell that begins with a quote is quoted only when its quotes close right before the cell ends. */
export function fromTsv(text: string): string[][] {
  const source = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(/\n$/, '');
  const rows: string[][] = [[]];
  let at = 0;
  for (;;) {
    const wrapped = /^"((?:[^"]|"")*)"(?=[\t\n]|$)/.exec(source.slice(at));
    const end = wrapped === null ? nextEnd(source, at) : at + wrapped[0].length;
    const cell = wrapped === null ? source.slice(at, end) : (wrapped[1] ?? '').replaceAll('""', '"');
    rows.at(-1)?.push(cell);
    if (end >= source.length) return rows;
    if (source[end] === '\n') rows.push([]);
    at = end + 1;
  }
}

function nextEnd(source: string, from: number): number {
  const found = source.slice(from).search(/[\t\n]/);
  return found < 0 ? source.length : from + found;
}

/** What is tried with: a text where texts are meant, else JSON where it is JSON; nothing typed is null. */
export function triedValue(text: string, type: string | undefined): Json {
  const plain = text.trim();
  if (plain === '') return null;
  const read = parsed(plain);
  const texts = type === 'text' || type === 'date' || type === 'string';
  return read === undefined || (texts && typeof read.json !== 'string') ? plain : read.json;
}
