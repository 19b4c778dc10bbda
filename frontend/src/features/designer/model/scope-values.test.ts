import { describe, expect, it } from 'vitest';

import { complete } from './completion';
import type { Name } from './scope';
import { valueHint, variableRows, withValues } from './scope-values';

const leaf = (name: string, type: Name['type'] = 'any', members: Name[] = []): Name => ({ name, type, title: '', members: () => members });
const names = [
  leaf('input', 'object', [leaf('amount', 'number')]),
  leaf('tasks', 'object', [leaf('check', 'object', [leaf('valid', 'boolean')]), leaf('idle', 'object')]),
];
const values = { input: { amount: 5, extra: { deep: [{ 'odd name': 1 }] } }, tasks: { check: { valid: true, pages: 3 }, hidden: { secret: 1 } } };
const paths = (filter: string, ...opened: string[]): string[] => variableRows(withValues(names, values), new Set(opened), filter).map((row) => row.path);

describe('names with values', () => {
  it('complete what the last run had, with what it was', () => {
    const offers = (source: string) => complete(source, source.length, withValues(names, values))?.offers.map((offer) => [offer.label, offer.detail, offer.value]);
    expect(offers('input.')).toEqual([['amount', 'number', '5'], ['extra', 'object', '{"deep":[{"odd name":1}]}']]);
    expect(offers('tasks.check.')).toEqual([['valid', 'boolean', 'true'], ['pages', 'integer', '3']]);
    expect(offers('input.extra.deep[0].')).toEqual([['odd name', 'integer', '1']]);
  });

  it('are of steps that can be read here only', () => {
    expect(complete('tasks.', 6, withValues(names, values))?.offers.map((offer) => offer.label)).toEqual(['check', 'idle']);
  });
});

describe('the list of names', () => {
  it('opens level by level, tasks first of all', () => {
    expect(paths('')).toEqual(['input', 'tasks.check', 'tasks.idle']);
    expect(paths('', 'input', 'input.extra')).toEqual(['input', 'input.amount', 'input.extra', 'input.extra.deep', 'tasks.check', 'tasks.idle']);
  });

  it('is searched through whatever is opened, and quotes odd names', () => {
    expect(paths('odd')).toEqual(['input', 'input.extra', 'input.extra.deep', 'input.extra.deep[0]["odd name"]']);
    expect(paths('pages')).toEqual(['tasks.check', 'tasks.check.pages']);
    expect(paths('nothing at all')).toEqual([]);
  });
});

describe('a hint', () => {
  it.each([
    [undefined, ''],
    ['a', '"a"'],
    [{ $file: 'sha256:1', name: 'scan.pdf' }, 'scan.pdf'],
    ['x'.repeat(80), `"${'x'.repeat(59)}…`],
  ])('of %j', (value, hint) => {
    expect(valueHint(value)).toBe(hint);
  });
});
