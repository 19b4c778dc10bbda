import { describe, expect, it } from 'vitest';

import { undoLine } from './undo-line';

const host = { x: 100, y: 100, width: 200, height: 60 };
const at = (x: number, y: number) => ({ x, y, width: 200, height: 60 });

describe('undoLine', () => {
  it('goes straight down to a task below', () => {
    expect(undoLine(host, at(110, 240))).toEqual([{ x: 123, y: 171 }, { x: 123, y: 205.5 }, { x: 126, y: 205.5 }, { x: 126, y: 240 }]);
    expect(undoLine(host, at(60, 240))).toEqual([{ x: 123, y: 171 }, { x: 123, y: 240 }]);
  });

  it('comes to the nearer side of a task beside', () => {
    expect(undoLine(host, at(400, 100)).at(-1)).toEqual({ x: 400, y: 130 });
    expect(undoLine(host, at(-200, 100)).at(-1)).toEqual({ x: 0, y: 130 });
  });

  it('leads around to a task above', () => {
    expect(undoLine(host, at(120, -100))).toEqual([{ x: 123, y: 171 }, { x: 123, y: 187 }, { x: 84, y: 187 }, { x: 84, y: -70 }, { x: 120, y: -70 }]);
  });
});
