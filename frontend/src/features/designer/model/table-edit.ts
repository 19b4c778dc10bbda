// Changes of a decision table. Each keeps the rules that it does not touch as they are, whatever is wrong with them.

import type { DecisionColumn, DecisionRule, DecisionTask, Value } from '@/shared/graph/types';

import { outputValue, widthOf, type Place, type Range } from './table-cells';

export const MAX_RULES = 1000;
export const MAX_COLUMNS = 50;

export function emptyRule(table: DecisionTask): DecisionRule {
  return { when: table.inputs.map(() => '-'), then: table.outputs.map(() => null) };
}

function withCell(table: DecisionTask, rule: DecisionRule, column: number, text: string): DecisionRule {
  const inputs = table.inputs.length;
  if (column < inputs) return { ...rule, when: table.inputs.map((_, at) => (at === column ? text : (rule.when[at] ?? '-'))) };
  return { ...rule, then: table.outputs.map((_, at): Value => (at === column - inputs ? outputValue(text) : (rule.then[at] ?? null))) };
}

/** Writes texts into cells from a place on; rows that are missing are added. */
export function withTexts(table: DecisionTask, from: Place, texts: readonly (readonly string[])[]): DecisionTask {
  const rules = [...table.rules];
  texts.forEach((line, down) => {
    const row = from.row + down;
    let rule = rules[row] ?? emptyRule(table);
    line.forEach((text, across) => {
      if (from.column + across < widthOf(table)) rule = withCell(table, rule, from.column + across, text);
    });
    while (rules.length < row) rules.push(emptyRule(table));
    rules[row] = rule;
  });
  return { ...table, rules };
}

/** What a paste writes: one copied cell fills the whole selection. */
export function pasted(selection: Range, copied: readonly (readonly string[])[]): string[][] {
  const [[only] = []] = copied;
  if (copied.length !== 1 || copied[0]?.length !== 1 || only === undefined) return copied.map((line) => [...line]);
  return Array.from({ length: selection.bottom - selection.top + 1 }, () => Array.from({ length: selection.right - selection.left + 1 }, () => only));
}

/** Conditions that always hold, outputs of nothing. */
export function cleared(table: DecisionTask, range: Range): DecisionTask {
  const line = Array.from({ length: range.right - range.left + 1 }, (_, across) => (range.left + across < table.inputs.length ? '-' : ''));
  const last = Math.min(range.bottom, table.rules.length - 1);
  return withTexts(table, { row: range.top, column: range.left }, Array.from({ length: Math.max(0, last - range.top + 1) }, () => line));
}

/** The topmost cells of a range in all of its rows. */
export function filledDown(table: DecisionTask, range: Range): DecisionTask {
  const first = table.rules[range.top];
  if (first === undefined) return table;
  const inputs = table.inputs.length;
  const within = (column: number): boolean => column >= range.left && column <= range.right;
  return {
    ...table,
    rules: table.rules.map((rule, row) =>
      row <= range.top || row > range.bottom
        ? rule
        : {
            ...rule,
            when: table.inputs.map((_, at) => (within(at) ? first.when[at] : rule.when[at]) ?? '-'),
            then: table.outputs.map((_, at): Value => (within(inputs + at) ? first.then[at] : rule.then[at]) ?? null),
          },
    ),
  };
}

export function withRules(table: DecisionTask, at: number, rules: readonly DecisionRule[]): DecisionTask {
  return { ...table, rules: [...table.rules.slice(0, at), ...rules, ...table.rules.slice(at)] };
}

export function withoutRules(table: DecisionTask, top: number, bottom: number): DecisionTask {
  return { ...table, rules: table.rules.filter((_, row) => row < top || row > bottom) };
}

/** Moves rules up or down by one; undefined where there is no room. */
export function movedRules(table: DecisionTask, top: number, bottom: number, by: 1 | -1): DecisionTask | undefined {
  const last = Math.min(bottom, table.rules.length - 1);
  if (top > last || top + by < 0 || last + by >= table.rules.length) return undefined;
  const rest = table.rules.filter((_, row) => row < top || row > last);
  return withRules({ ...table, rules: rest }, top + by, table.rules.slice(top, last + 1));
}

function spliced<Item>(list: readonly Item[], at: number, item: Item): Item[] {
  return [...list.slice(0, at), item, ...list.slice(at)];
}

function without<Item>(list: readonly Item[], at: number): Item[] {
  return list.filter((_, index) => index !== at);
}

function moved<Item>(list: readonly Item[], from: number, to: number): Item[] {
  const item = list[from];
  return item === undefined ? [...list] : spliced(without(list, from), to, item);
}

/** Descriptions for every column, so that they can be put in order; none at all when they say nothing. */
function described(table: DecisionTask, change: (columns: DecisionColumn[]) => DecisionColumn[], inputs: boolean): Pick<DecisionTask, 'input_columns' | 'output_columns'> {
  const given = (inputs ? table.input_columns : table.output_columns) ?? [];
  const count = inputs ? table.inputs.length : table.outputs.length;
  const next = change(Array.from({ length: count }, (_, at) => given[at] ?? {}));
  while (next.length > 0 && Object.keys(next.at(-1) ?? {}).length === 0) next.pop();
  const columns = next.length === 0 ? undefined : next;
  return inputs ? { input_columns: columns } : { output_columns: columns };
}

function tidy(table: DecisionTask): DecisionTask {
  const { input_columns: inputs, output_columns: outputs, ...rest } = table;
  return { ...rest, ...(inputs !== undefined && { input_columns: inputs }), ...(outputs !== undefined && { output_columns: outputs }) };
}

/** A column before the one at a place; a place behind the last adds one at the end. */
export function withColumn(table: DecisionTask, side: 'input' | 'output', at: number): DecisionTask {
  if (side === 'input') {
    return tidy({
      ...table,
      ...described(table, (columns) => spliced(columns, at, {}), true),
      inputs: spliced(table.inputs, at, '='),
      rules: table.rules.map((rule) => ({ ...rule, when: spliced(rule.when, at, '-') })),
    });
  }
  return tidy({
    ...table,
    ...described(table, (columns) => spliced(columns, at, {}), false),
    outputs: spliced(table.outputs, at, freshOutput(table.outputs)),
    rules: table.rules.map((rule) => ({ ...rule, then: spliced<Value>(rule.then, at, null) })),
  });
}

function freshOutput(outputs: readonly string[]): string {
  if (!outputs.includes('result')) return 'result';
  let number = 2;
  while (outputs.includes(`result_${String(number)}`)) number++;
  return `result_${String(number)}`;
}

export function withoutColumn(table: DecisionTask, column: number): DecisionTask {
  const inputs = table.inputs.length;
  if (column < inputs) {
    return tidy({
      ...table,
      ...described(table, (columns) => without(columns, column), true),
      inputs: without(table.inputs, column),
      rules: table.rules.map((rule) => ({ ...rule, when: without(rule.when, column) })),
    });
  }
  const at = column - inputs;
  return tidy({
    ...table,
    ...described(table, (columns) => without(columns, at), false),
    outputs: without(table.outputs, at),
    rules: table.rules.map((rule) => ({ ...rule, then: without(rule.then, at) })),
  });
}

/** Moves a column by one among those of its side; undefined where there is no room. */
export function movedColumn(table: DecisionTask, column: number, by: 1 | -1): DecisionTask | undefined {
  const inputs = table.inputs.length;
  const input = column < inputs;
  const at = input ? column : column - inputs;
  const to = at + by;
  if (to < 0 || to >= (input ? inputs : table.outputs.length)) return undefined;
  if (input) {
    return tidy({
      ...table,
      ...described(table, (columns) => moved(columns, at, to), true),
      inputs: moved(table.inputs, at, to),
      rules: table.rules.map((rule) => ({ ...rule, when: moved(rule.when, at, to) })),
    });
  }
  return tidy({
    ...table,
    ...described(table, (columns) => moved(columns, at, to), false),
    outputs: moved(table.outputs, at, to),
    rules: table.rules.map((rule) => ({ ...rule, then: moved(rule.then, at, to) })),
  });
}

export function describedColumn(table: DecisionTask, column: number, what: DecisionColumn): DecisionTask {
  const inputs = table.inputs.length;
  const at = column < inputs ? column : column - inputs;
  const { name, type } = what;
  const said: DecisionColumn = { ...(name !== undefined && name !== '' && { name }), ...(type !== undefined && { type }) };
  return tidy({ ...table, ...described(table, (columns) => columns.map((each, index) => (index === at ? said : each)), column < inputs) });
}

export function columnAt(table: DecisionTask, column: number): DecisionColumn {
  const inputs = table.inputs.length;
  return (column < inputs ? table.input_columns?.[column] : table.output_columns?.[column - inputs]) ?? {};
}

/** How people call a column: its name, else what it reads, else its place. */
export function columnName(table: DecisionTask, column: number): string {
  const inputs = table.inputs.length;
  if (column >= inputs) return table.outputs[column - inputs] ?? '';
  const source = (table.inputs[column] ?? '').replace(/^=/, '').trim();
  return columnAt(table, column).name ?? (source === '' ? String(column + 1) : source);
}

/** JSON pointer of a cell inside its node. */
export function fieldOf(table: DecisionTask, { row, column }: Place): string {
  const inputs = table.inputs.length;
  if (row < 0) return column < inputs ? `/decision/inputs/${String(column)}` : `/decision/outputs/${String(column - inputs)}`;
  return column < inputs ? `/decision/rules/${String(row)}/when/${String(column)}` : `/decision/rules/${String(row)}/then/${String(column - inputs)}`;
}

/** The cell that a field is: of the header where a column is meant, the first of a rule where a rule is. */
export function placeOf(table: DecisionTask, field: string): Place {
  const inputs = table.inputs.length;
  const head = /^\/decision\/(input|output)(?:s|_columns)\/(\d+)/.exec(field);
  if (head !== null) return { row: -1, column: Number(head[2]) + (head[1] === 'input' ? 0 : inputs) };
  const cell = /^\/decision\/rules\/(\d+)(?:\/(when|then)\/(\d+))?/.exec(field);
  if (cell === null) return { row: 0, column: 0 };
  return { row: Number(cell[1]), column: Number(cell[3] ?? 0) + (cell[2] === 'then' ? inputs : 0) };
}
