import { describe, expect, it } from 'vitest';

import { pathOf } from './go-to';

describe('pathOf', () => {
  it('reads the flows that a problem names', () => {
    expect(pathOf({ params: { path: '["e1","e2"]' } })).toEqual(['e1', 'e2']);
    expect(pathOf({ params: { detail: 'x' } })).toEqual([]);
    expect(pathOf({})).toEqual([]);
  });
});
