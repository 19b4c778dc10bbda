import { expect, test } from 'vitest';

import { restartMarks } from './restart-marks';

test('a node has the mark that matters most to who decides', () => {
  const marks = restartMarks(
    { ahead: ['check', 'pay', 'tell'], hidden: [{ node: 'check' }, { node: 'pay' }], cancelled: [{ node: 'pay' }] },
    'check',
  );
  expect(marks).toEqual({ check: 'begins', pay: 'stopped', tell: 'ahead' });
});

test('what only counts no more is forgotten', () => {
  expect(restartMarks({ ahead: ['a', 'b'], hidden: [{ node: 'b' }], cancelled: [] }, 'a')).toEqual({ a: 'begins', b: 'forgotten' });
});
