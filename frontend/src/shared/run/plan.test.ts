import { describe, expect, it } from 'vitest';

import { planCounts, planHost } from './plan';

describe('plans', () => {
  it('belong to the step that planned', () => {
    expect(planHost('decide')).toBe('decide');
    expect(planHost('decide/fetch')).toBe('decide');
    expect(planHost('decide/fetch/deep')).toBe('decide');
  });

  it('count their tasks, those of plans within them too', () => {
    const nodes = {
      decide: { last_run: 1, running: 1 },
      'decide/a': { last_run: 1, completed: 1 },
      'decide/b': { last_run: 2, incident: 1, completed: 1 },
      'decide/b/deep': { last_run: 1, queued: 2 },
      'decide_more/a': { last_run: 1, running: 5 },
    };
    expect(planCounts(nodes, 'decide')).toEqual({ counts: { completed: 2, incident: 1, queued: 2 }, ended: 2, open: 3 });
    expect(planCounts(nodes, 'use')).toBeUndefined();
  });
});
