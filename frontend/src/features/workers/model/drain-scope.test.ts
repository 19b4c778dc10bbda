import { describe, expect, it } from 'vitest';

import type { Pool, WorkerInfo } from '@/shared/api/types';

import { scopesOf, subjectOf } from './drain-scope';

const worker = (id: string, host: string, more: Partial<WorkerInfo> = {}): WorkerInfo => ({
  id, host, pid: 1, version: '1', slots: 4, busy: 0, started_at: '', seen_at: '', draining: false, refusals: [], ...more,
});
const drained = { draining: true, drain: { author: 'anna', reason: 'x', at: '', stay: true } };
const pool = (name: string, ...workers: WorkerInfo[]): Pool => ({
  pool: name, workers, types: [], slots: 0, busy: 0, queued: 0, running: 0, backlog: 0, oldest_age_ms: 0,
});
const a1 = worker('a1', 'one');
const pools = [pool('a', a1, worker('a2', 'two'), worker('a3', 'one', drained)), pool('b', worker('b1', 'one'), worker('b2', 'two', { draining: true }))];

describe('whom an order can be for', () => {
  it('is the worker, and all that could obey of its pool and on its host', () => {
    expect(scopesOf(pools, 'a', a1, false)).toEqual([
      { scope: 'worker', name: 'a1', count: 1 },
      { scope: 'pool', name: 'a', count: 2 },
      { scope: 'host', name: 'one', count: 2 },
    ]);
  });
  it('is only the worker where it is alone', () => {
    expect(scopesOf([pool('a', a1)], 'a', a1, false)).toEqual([{ scope: 'worker', name: 'a1', count: 1 }]);
  });
  it('is the pool where no worker is meant', () => {
    expect(scopesOf(pools, 'b', undefined, false)).toEqual([{ scope: 'pool', name: 'b', count: 1 }]);
  });
  it('is whoever is drained by order when that is taken back', () => {
    expect(scopesOf(pools, 'a', worker('a3', 'one', drained), true)).toEqual([{ scope: 'worker', name: 'a3', count: 1 }]);
    expect(scopesOf(pools, 'b', undefined, true)).toEqual([{ scope: 'pool', name: 'b', count: 0 }]);
  });
  it('is told to the server by its name', () => {
    expect(scopesOf(pools, 'a', a1, false).map(subjectOf)).toEqual([{ worker: 'a1' }, { pool: 'a' }, { host: 'one' }]);
  });
});
