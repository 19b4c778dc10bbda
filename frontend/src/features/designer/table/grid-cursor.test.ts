import { describe, expect, it } from 'vitest';

import { led, put, stretched, tabbed } from './grid-cursor';

const size = { rules: 3, columns: 4 };

describe('a cursor', () => {
  it('stays between the header and the free row', () => {
    expect(put({ row: 9, column: 9 }, size).at).toEqual({ row: 3, column: 3 });
    expect(put({ row: -5, column: -1 }, size).at).toEqual({ row: -1, column: 0 });
  });

  it.each([
    ['ArrowDown', false, { row: 2, column: 2 }],
    ['ArrowUp', true, { row: 0, column: 2 }],
    ['ArrowDown', true, { row: 2, column: 2 }],
    ['ArrowRight', true, { row: 1, column: 3 }],
    ['Home', false, { row: 1, column: 0 }],
    ['End', true, { row: 2, column: 3 }],
    ['PageDown', false, { row: 11, column: 2 }],
    ['x', false, undefined],
  ])('is led by %s (with Ctrl: %s)', (key, far, to) => {
    expect(led(put({ row: 1, column: 2 }, size), key, far, 10, size, false)).toEqual(to);
  });

  it('goes on by Tab from line to line and out at the ends', () => {
    expect(tabbed(put({ row: 0, column: 3 }, size), false, size)).toEqual({ row: 1, column: 0 });
    expect(tabbed(put({ row: 1, column: 0 }, size), true, size)).toEqual({ row: 0, column: 3 });
    expect(tabbed(put({ row: 3, column: 3 }, size), false, size)).toBeUndefined();
    expect(tabbed(put({ row: 0, column: 0 }, size), true, size)).toBeUndefined();
  });

  it('selects from where it is, never the header', () => {
    const all = stretched(put({ row: -1, column: 1 }, size), { row: 2, column: 3 }, size);
    expect([all.at, all.to]).toEqual([{ row: 0, column: 1 }, { row: 2, column: 3 }]);
  });
});
