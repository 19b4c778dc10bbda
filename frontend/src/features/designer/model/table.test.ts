import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';

import type { DecisionTask, Value } from '@/shared/graph/types';
import { startTexts } from '@/shared/i18n/i18n';

import { problemText, tablePlace } from './problem-text';
import { fromTsv, outputText, outputValue, textAt, toTsv, triedValue } from './table-cells';
import { cleared, columnName, describedColumn, fieldOf, filledDown, movedColumn, movedRules, pasted, placeOf, withColumn, withTexts, withoutColumn, withoutRules } from './table-edit';

const table: DecisionTask = {
  hit: 'first',
  inputs: ['=input.kind', '=input.amount'],
  outputs: ['days', 'note'],
  rules: [
    { when: ['sale', '> 100'], then: [5, 'large'] },
    { when: ['gift', '-'], then: [3, null] },
    { when: ['-', '-'], then: [1, '=input.note'] },
  ],
};

describe('an output', () => {
  it.each<[Value]>([[null], [5], [true], ['sale'], ['5'], ['true'], [''], ['"quoted"'], [' padded '], ['=input.x'], ['=="5"'], [{ a: 1 }], [[1, 'x']], ['a\tb']])('is the same after it was typed: %j', (value) => {
    expect(outputValue(outputText(value))).toEqual(value);
  });
});

describe('a copied range', () => {
  it('comes back as it went', () => {
    const copied = toTsv(table, { top: 0, left: 0, bottom: 2, right: 3 });
    expect(copied.split('\n')[0]).toBe('sale\t> 100\t5\tlarge');
    expect(withTexts({ ...table, rules: [] }, { row: 0, column: 0 }, fromTsv(copied)).rules).toEqual(table.rules);
  });

  it('keeps breaks, tabs and quotes in cells', () => {
    const odd = withTexts(table, { row: 0, column: 0 }, [['"a, b"', 'x\ty', '{"a":\n1}']]);
    expect(fromTsv(toTsv(odd, { top: 0, left: 0, bottom: 0, right: 2 }))).toEqual([['"a, b"', 'x\ty', '{"a":1}']]);
  });

  it.each([
    ['a\tb\r\nc\td\r\n', [['a', 'b'], ['c', 'd']]],
    ['one', [['one']]],
    ['\t', [['', '']]],
    ['"two\nlines"\tb', [['two\nlines', 'b']]],
    ['"say ""hi"""', [['say "hi"']]],
    ['"a" or "b"\tc', [['"a" or "b"', 'c']]],
  ])('is read from a spreadsheet: %j', (text, cells) => {
    expect(fromTsv(text)).toEqual(cells);
  });
});

describe('cells', () => {
  it('that are pasted below the last rule make rules', () => {
    const next = withTexts(table, { row: 3, column: 1 }, [['1..5', '9'], ['6..9', '8']]);
    expect(next.rules.slice(3)).toEqual([{ when: ['-', '1..5'], then: [9, null] }, { when: ['-', '6..9'], then: [8, null] }]);
    expect(next.rules[0]).toBe(table.rules[0]);
  });

  it('take one copied cell into all that is selected', () => {
    expect(pasted({ top: 0, left: 1, bottom: 1, right: 2 }, [['x']])).toEqual([['x', 'x'], ['x', 'x']]);
    expect(pasted({ top: 0, left: 1, bottom: 1, right: 2 }, [['x', 'y']])).toEqual([['x', 'y']]);
  });

  it('that are emptied always hold and give nothing', () => {
    expect(cleared(table, { top: 0, left: 1, bottom: 9, right: 2 }).rules).toEqual([
      { when: ['sale', '-'], then: [null, 'large'] },
      { when: ['gift', '-'], then: [null, null] },
      { when: ['-', '-'], then: [null, '=input.note'] },
    ]);
  });

  it('are filled with the first of them', () => {
    const next = filledDown(table, { top: 0, left: 1, bottom: 1, right: 2 });
    expect(next.rules[1]).toEqual({ when: ['gift', '> 100'], then: [5, null] });
    expect(next.rules[2]).toBe(table.rules[2]);
  });

  it('of a rule that is too short are mended on the side that is written', () => {
    const short: DecisionTask = { ...table, rules: [{ when: [], then: [] }] };
    expect(withTexts(short, { row: 0, column: 2 }, [['7']]).rules).toEqual([{ when: [], then: [7, null] }]);
  });
});

describe('rules', () => {
  it('move together, and not past the ends', () => {
    expect(movedRules(table, 1, 2, -1)?.rules.map((rule) => rule.when[0])).toEqual(['gift', '-', 'sale']);
    expect(movedRules(table, 0, 1, -1)).toBeUndefined();
    expect(movedRules(table, 1, 2, 1)).toBeUndefined();
  });

  it('go together', () => {
    expect(withoutRules(table, 0, 1).rules).toEqual([table.rules[2]]);
  });
});

describe('columns', () => {
  const named = describedColumn(describedColumn(table, 1, { name: 'Sum', type: 'number' }), 3, { type: 'text' });

  it('take their cells and descriptions along', () => {
    const next = movedColumn(named, 1, -1);
    expect(next?.inputs).toEqual(['=input.amount', '=input.kind']);
    expect(next?.rules[0]?.when).toEqual(['> 100', 'sale']);
    expect(next?.input_columns).toEqual([{ name: 'Sum', type: 'number' }]);
    expect(movedColumn(named, 1, 1)).toBeUndefined();
    expect(movedColumn(named, 2, -1)).toBeUndefined();
  });

  it('come and go with their cells', () => {
    const wider = withColumn(named, 'input', 1);
    expect(wider.inputs).toEqual(['=input.kind', '=', '=input.amount']);
    expect(wider.input_columns).toEqual([{}, {}, { name: 'Sum', type: 'number' }]);
    expect(withoutColumn(wider, 1)).toEqual(named);
    expect(withColumn(table, 'output', 2).outputs).toEqual(['days', 'note', 'result']);
    expect(withoutColumn(table, 3).rules[0]).toEqual({ when: ['sale', '> 100'], then: [5] });
  });

  it('say nothing once nothing is said of them', () => {
    expect(describedColumn(describedColumn(named, 1, {}), 3, {})).toEqual(table);
    expect('input_columns' in describedColumn(named, 1, {})).toBe(false);
  });

  it('are called by their name, else by what they read', () => {
    expect([0, 1, 2].map((column) => columnName(named, column))).toEqual(['input.kind', 'Sum', 'days']);
  });
});

describe('a place', () => {
  it.each([
    [{ row: 2, column: 1 }, '/decision/rules/2/when/1'],
    [{ row: 0, column: 3 }, '/decision/rules/0/then/1'],
    [{ row: -1, column: 1 }, '/decision/inputs/1'],
    [{ row: -1, column: 2 }, '/decision/outputs/0'],
  ])('is a field and back: %j', (place, field) => {
    expect(fieldOf(table, place)).toBe(field);
    expect(placeOf(table, field)).toEqual(place);
  });

  it('is found in a rule, and in what describes a column', () => {
    expect(placeOf(table, '/decision/rules/2')).toEqual({ row: 2, column: 0 });
    expect(placeOf(table, '/decision/output_columns/1/type')).toEqual({ row: -1, column: 3 });
    expect(textAt(table, { row: 9, column: 9 })).toBe('');
  });
});

describe('a typed try', () => {
  it.each([
    ['5', 'number', 5],
    ['5', 'text', '5'],
    ['"5"', 'string', '5'],
    ['sale', undefined, 'sale'],
    ['true', 'boolean', true],
    ['', 'text', null],
    ['2026-01-31', 'date', '2026-01-31'],
  ])('%j of type %s is %j', (text, type, value) => {
    expect(triedValue(text, type)).toEqual(value);
  });
});

describe('a problem of a table', () => {
  beforeAll(() => startTexts('ru'));
  const named = describedColumn(table, 1, { name: 'Сумма' });

  it.each([
    ['/decision/rules/2/when/1', 'Правило 3, столбец «Сумма»'],
    ['/decision/rules/0/then/1', 'Правило 1, столбец «note»'],
    ['/decision/rules/1', 'Правило 2'],
    ['/decision/input_columns/1/name', 'Столбец «Сумма»'],
    ['/decision/outputs/0', 'Столбец «days»'],
  ])('is in its place: %s', (field, place) => {
    expect(tablePlace(i18next.t, { field }, named)).toBe(place);
  });
  it('of all of it, and any other, has no place', () => {
    expect(tablePlace(i18next.t, { field: '/decision/rules' }, named)).toBeUndefined();
    expect(tablePlace(i18next.t, { field: '/title' }, named)).toBeUndefined();
    expect(tablePlace(i18next.t, { field: '/decision/rules/0' }, undefined)).toBeUndefined();
  });
  it('says why a cell can not be read', () => {
    const of = (params: Record<string, string>) => problemText(i18next.t, { id: '', severity: 'error', code: 'decision.cell', message: '5..1 is no range', field: '', params });
    expect(of({ reason: 'range', text: '5..1', detail: '5..1 is no range' })).toBe('Ячейку не прочесть: 5..1 — не промежуток: сначала идёт меньший конец, и оба они одного рода');
    expect(of({ reason: '', detail: '5..1 is no range' })).toBe('Ячейку не прочесть: 5..1 is no range');
  });
});
