// What the last process of the definition had, for the expressions of one step: its input, and the outputs of the steps before it.

import { queryOptions, useQueries, useQuery, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, take } from '@/shared/api/client';
import type { Process, TaskSummary } from '@/shared/api/types';
import { readsName, tasksReadBy } from '@/shared/graph/expression';
import { upstream } from '@/shared/graph/query';
import type { Json, JsonObject, Value } from '@/shared/graph/types';

import { pinsQuery, usePins } from '../trial/trial-api';
import { useDocument, useSession } from './designer-context';

export interface RunContext {
  input: Json;
  tasks: Record<string, Json>;
  process: Record<string, Json>;
}

interface RunData {
  loading: boolean;
  process: Process | undefined;
  /** Undefined while something that is read was never there. */
  context: RunContext | undefined;
}

interface LastRun {
  process: Process;
  tasks: TaskSummary[];
}

/** The newest process of the definition with the tasks that ended in it. */
function lastRunQuery(definition: string) {
  return queryOptions({
    queryKey: ['designer', 'last-run', definition],
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }): Promise<LastRun | null> => {
      const found = await take(api.GET('/processes', { params: { query: { definition, tests: 'any', limit: 1 } }, signal }));
      const [newest] = found.items;
      if (newest === undefined) return null;
      const [process, tasks] = await Promise.all([
        take(api.GET('/processes/{id}', { params: { path: { id: newest.id } }, signal })),
        take(api.GET('/processes/{id}/tasks', { params: { path: { id: newest.id }, query: { limit: 200 } }, signal })),
      ]);
      return { process, tasks: tasks.items };
    },
  });
}

function outputQuery(process: string, task: string) {
  return queryOptions({
    queryKey: ['designer', 'output', process, task],
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }): Promise<Json> => ((await take(api.GET('/processes/{id}/tasks/{task_id}', { params: { path: { id: process, task_id: task } }, signal }))).output ?? null),
  });
}

function taskOf(run: LastRun | null | undefined, node: string): TaskSummary | undefined {
  return run?.tasks.filter((each) => each.node_id === node && each.state === 'completed').at(-1);
}

function headOf(process: Process): Record<string, Json> {
  const { id, custom_id: customId, definition, version } = process;
  return { id, custom_id: customId, definition, version };
}

/** What only exists while a step runs: an entry of a list, an error that was caught, what is undone, a worker's answer. */
const PASSING: ReadonlySet<string> = new Set(['item', 'index', 'error', 'undone', 'result']);

/** The data of the last run that a value at a node reads. What is pinned comes before what a step gave. */
export function useRunData(node: string, value: Value, enabled: boolean): RunData {
  const { definition } = useSession();
  const doc = useDocument();
  const run = useQuery({ ...lastRunQuery(definition), enabled });
  const read = enabled ? tasksReadBy(value) : [];
  const before = upstream(doc, node);
  const pins = usePins(definition);
  const outputs = useOutputs(run.data, read.filter((name) => before.has(name)));
  const complete = run.data != null && !readsName(value, PASSING) && read.every((name) => outputs[name] !== undefined || pins[name] !== undefined);
  const last = run.data?.process;
  // What is asked for anew each time is compared by what it says.
  const tasks = JSON.stringify(Object.fromEntries(read.map((name) => [name, pins[name]?.mock.output ?? outputs[name] ?? null])));
  const context = useMemo((): RunContext | undefined => {
    if (!complete || last === undefined) return undefined;
    return { input: (last.input ?? {}) as Json, tasks: JSON.parse(tasks) as Record<string, Json>, process: headOf(last) };
  }, [complete, last, tasks]);
  return { loading: run.isLoading, process: last, context };
}

/** What the steps of a run gave last. */
function useOutputs(run: LastRun | null | undefined, nodes: readonly string[]): Readonly<Record<string, Json>> {
  const answers = useQueries({
    queries: nodes.map((name) => {
      const task = taskOf(run, name);
      return { ...outputQuery(run?.process.id ?? '', task?.id ?? ''), enabled: task !== undefined };
    }),
  });
  return Object.fromEntries(nodes.flatMap((name, index): [string, Json][] => {
    const output = answers[index]?.data;
    return output === undefined ? [] : [[name, output]];
  }));
}

/** More steps than these are not asked for what they gave. */
const MOST_STEPS = 40;

function valuesOf(run: LastRun, outputs: Readonly<Record<string, Json>>, pinned: Readonly<Record<string, Json>>): JsonObject {
  return { input: (run.process.input ?? {}), process: headOf(run.process), tasks: { ...outputs, ...pinned } };
}

/** What the names in scope were in the last run; undefined when there was none. */
export function useLastValues(tasks: readonly string[], enabled: boolean): { process: Process; values: JsonObject } | undefined {
  const { definition } = useSession();
  const run = useQuery({ ...lastRunQuery(definition), enabled }).data;
  const outputs = useOutputs(run, enabled ? tasks.slice(-MOST_STEPS) : []);
  const pins = usePins(definition);
  if (run == null) return undefined;
  const pinned = Object.entries(pins).flatMap(([name, pin]): [string, Json][] => (pin.mock.output === undefined ? [] : [[name, pin.mock.output]]));
  return { process: run.process, values: valuesOf(run, outputs, Object.fromEntries(pinned)) };
}

/** The same as far as it is known already, for who can't wait; what is missing is asked for and there the next time. */
export function knownValues(client: QueryClient, definition: string, tasks: readonly string[]): JsonObject {
  ask(client, definition, tasks).catch(() => {
    // Names come without values until the server is there.
  });
  const run = client.getQueryData(lastRunQuery(definition).queryKey);
  if (run == null) return {};
  const outputs = tasks.flatMap((name): [string, Json][] => {
    const task = taskOf(run, name);
    const output = task === undefined ? undefined : client.getQueryData(outputQuery(run.process.id, task.id).queryKey);
    return output === undefined ? [] : [[name, output]];
  });
  const pins = client.getQueryData(pinsQuery(definition).queryKey) ?? [];
  const pinned = pins.flatMap((pin): [string, Json][] => (pin.mock.output === undefined ? [] : [[pin.node_id, pin.mock.output]]));
  return valuesOf(run, Object.fromEntries(outputs), Object.fromEntries(pinned));
}

async function ask(client: QueryClient, definition: string, tasks: readonly string[]): Promise<void> {
  const run = await client.query(lastRunQuery(definition));
  if (run === null) return;
  const ended = tasks.slice(-MOST_STEPS).flatMap((name) => taskOf(run, name) ?? []);
  await Promise.all(ended.map((task) => client.query(outputQuery(run.process.id, task.id))));
}
