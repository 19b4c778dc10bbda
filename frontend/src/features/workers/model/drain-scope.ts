import type { Pool, WorkerInfo } from '@/shared/api/types';

import type { DrainSubject } from '../api/drain-api';

export type Scope = 'worker' | 'pool' | 'host';

export interface ScopeChoice {
  scope: Scope;
  /** Of the worker, the pool or the host. */
  name: string;
  /** How many workers the order is for. */
  count: number;
}

/** Whether an order would change anything for a worker: taking a drain back, or draining. */
export function concerns(worker: WorkerInfo, back: boolean): boolean {
  return back ? worker.drain !== undefined : !worker.draining;
}

/** For whom an order that begins with one worker, or with a pool, can be: also for all beside it, where there are more. */
export function scopesOf(pools: readonly Pool[], pool: string, worker: WorkerInfo | undefined, back: boolean): ScopeChoice[] {
  const concerned = pools.flatMap((each) => each.workers.filter((one) => concerns(one, back)).map((one) => ({ pool: each.pool, host: one.host })));
  const choices: ScopeChoice[] = worker === undefined ? [] : [{ scope: 'worker', name: worker.id, count: 1 }];
  const inPool = concerned.filter((each) => each.pool === pool);
  if (worker === undefined || inPool.length > 1) choices.push({ scope: 'pool', name: pool, count: inPool.length });
  const hosts = worker === undefined ? [] : [worker.host];
  for (const host of hosts) {
    const count = concerned.filter((each) => each.host === host).length;
    if (host !== '' && count > 1) choices.push({ scope: 'host', name: host, count });
  }
  return choices;
}

export function subjectOf({ scope, name }: ScopeChoice): DrainSubject {
  if (scope === 'pool') return { pool: name };
  return scope === 'host' ? { host: name } : { worker: name };
}
