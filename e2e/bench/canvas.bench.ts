// How large graphs feel: opening, dragging, tidying, panning, measured in Chromium on the built binary. Prints a table and keeps
// it in docs/measurements. A number that misses its mark fails the run.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';

import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { expect, origin, test } from '../support/session.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ROUNDS = Number(process.env.ROUNDS ?? 3);

interface Row {
  what: string;
  /** Of each round. */
  values: number[];
  unit: string;
  most?: number;
}

const rows: Row[] = [];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const percentile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** A process as people draw them: a start, rows of steps with a choice in every tenth place, an end. */
function graphOf(count: number): unknown {
  const columns = 25;
  const nodes: unknown[] = [];
  const edges: { id: string; from: string; to: string; condition?: string; default?: boolean }[] = [];
  const places: Record<string, { x: number; y: number }> = {};
  const id = (n: number): string => (n === 0 ? 'start' : n === count - 1 ? 'end' : `step_${n}`);
  for (let n = 0; n < count; n++) {
    const choice = n > 0 && n < count - 3 && n % 10 === 0;
    const kind = n === 0 ? 'start_event' : n === count - 1 ? 'end_event' : choice ? 'exclusive_gateway' : 'script_task';
    const own = n === 0 ? { start: {} } : n === count - 1 ? { end: { kind: 'none' } } : choice ? {} : { script: { output: { n } } };
    nodes.push({ id: id(n), kind, title: `Step ${n} of the process`, ...own });
    const half = kind === 'script_task' ? { x: 110, y: 36 } : { x: 22, y: 22 };
    places[id(n)] = { x: (n % columns) * 304 + 152 - half.x, y: Math.floor(n / columns) * 160 + 80 - half.y };
    if (n + 1 < count) edges.push({ id: `e${n}`, from: id(n), to: id(n + 1), ...(choice && { default: true }) });
    if (choice) edges.push({ id: `c${n}`, from: id(n), to: id(n + 2), condition: '=input.n > 5' });
  }
  return { schema: 1, nodes, edges, layout: { nodes: places } };
}

/** Counts what the page does with its thread and its frames. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { tasks: [] as number[], frames: [] as number[], frame: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
    const frame = (now: number): void => {
      if (seen.frame > 0) seen.frames.push(now - seen.frame);
      seen.frame = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

interface Seen {
  tasks: number[];
  frames: number[];
}

/** What was seen since the last look. */
function look(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const { seen } = window as unknown as { seen: Seen };
    const found = { tasks: seen.tasks, frames: seen.frames };
    seen.tasks = [];
    seen.frames = [];
    return found;
  });
}

/** From the wish to the first picture of the steps, in a page that knows the app's files already. */
async function open(page: Page, key: string, count: number): Promise<number> {
  await page.goto('about:blank');
  const begun = Date.now();
  await page.goto(`${origin()}/definitions/${key}`, { waitUntil: 'commit' });
  await page.waitForFunction(
    (wanted) => {
      const canvas = document.querySelector('[data-testid="canvas"]');
      const node = document.querySelector('.react-flow__node');
      return canvas?.getAttribute('data-nodes') === String(wanted) && node !== null && getComputedStyle(node).visibility === 'visible';
    },
    count,
    { polling: 'raf' },
  );
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  return Date.now() - begun;
}

async function rest(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 3000 })));
}

function record(what: string, value: number, unit: string, most?: number): void {
  const row = rows.find((each) => each.what === what) ?? { what, values: [], unit, ...(most !== undefined && { most }) };
  if (row.values.length === 0) rows.push(row);
  row.values.push(value);
}

test('large graphs', async ({ app }) => {
  await watch(app);
  await call(app, 'POST', '/definitions', { key: 'bench-500', title: '500', document: graphOf(500) });
  await call(app, 'POST', '/definitions', { key: 'bench-2000', title: '2,000', document: graphOf(2000) });
  await open(app, 'bench-500', 500);
  for (let round = 0; round < ROUNDS; round++) {
    record('open 500 nodes', await open(app, 'bench-500', 500), 'ms', 1500);
    await rest(app);
    await drag(app, '500');
    await rest(app);
    await pan(app, '500');
    await rest(app);
    await tidy(app);
    record('open 2,000 nodes', await open(app, 'bench-2000', 2000), 'ms');
    await rest(app);
    await drag(app, '2,000');
    await rest(app);
    await pan(app, '2,000');
  }
  report();
  for (const row of rows) if (row.most !== undefined) expect.soft(median(row.values), row.what).toBeLessThanOrEqual(row.most);
});

/** One card in the middle of the view goes round in a circle, as a hand would move it. */
async function drag(page: Page, count: string): Promise<void> {
  const { x, y } = await page.evaluate(() => {
    const canvas = document.querySelector('[data-testid="canvas"]')?.getBoundingClientRect() ?? new DOMRect();
    const middle = { x: canvas.x + canvas.width / 2, y: canvas.y + canvas.height / 2 };
    const away = (at: { x: number; y: number }): number => Math.hypot(at.x - middle.x, at.y - middle.y);
    const centres = [...document.querySelectorAll('.tkc-task')].map((card) => {
      const box = card.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    });
    return centres.sort((a, b) => away(a) - away(b))[0] ?? middle;
  });
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 4, y + 4);
  await look(page);
  for (let n = 0; n < 120; n++) await page.mouse.move(x + Math.sin(n / 10) * 90, y + (1 - Math.cos(n / 10)) * 60);
  const { frames } = await look(page);
  const before = await drawn(page);
  await page.mouse.up();
  record(`drag one of ${count}: frame p95`, percentile(frames, 0.95), 'ms', ...(count === '500' ? [33.4] : []));
  record(`drag one of ${count}: longest frame`, Math.max(...frames), 'ms');
  await page.keyboard.press('Control+z');
  await expect.poll(() => drawn(page)).not.toBe(before);
}

/** Where everything stands that is in sight. */
function drawn(page: Page): Promise<string> {
  return page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.react-flow__node')].map((node) => `${node.dataset.id ?? ''} ${node.style.transform}`).join());
}

async function tidy(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  const before = await drawn(page);
  await look(page);
  const begun = Date.now();
  await page.keyboard.press('Shift+T');
  await expect.poll(() => drawn(page), { timeout: 30_000, intervals: [50] }).not.toBe(before);
  record('tidy 500 nodes: until it is drawn', Date.now() - begun, 'ms');
  await rest(page);
  const { tasks } = await look(page);
  record('tidy 500 nodes: longest task of the page', Math.max(0, ...tasks), 'ms', 100);
  await page.keyboard.press('Control+z');
  await rest(page);
}

/** The whole picture is pushed over the screen by the wheel. */
async function pan(page: Page, count: string): Promise<void> {
  await page.mouse.move(640, 400);
  await look(page);
  for (let n = 0; n < 90; n++) await page.mouse.wheel(n % 30 < 15 ? 60 : -60, n % 20 < 10 ? 40 : -40);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const { frames } = await look(page);
  record(`pan ${count} nodes: frame p95`, percentile(frames, 0.95), 'ms');
}

function report(): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim();
  const day = new Date().toISOString().slice(0, 10);
  const shown = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
  const table = rows.map((row) => `| ${row.what} | ${shown(median(row.values))} ${row.unit} | ${row.values.map(shown).join(', ')} | ${row.most === undefined ? '' : `≤ ${row.most} ${row.unit}`} |`);
  const text = [
    `# Large graphs in the browser, ${day}`,
    '',
    `Commit ${commit}, \`make bench-web\`: Chromium without a graphics card on ${cpus().length} cores, shared with the server, its PostgreSQL and Redis and the driver. Each number is the`,
    `median of ${ROUNDS} rounds. Opening counts from the address to the first picture of the steps, with the app's files in the browser's cache.`,
    '',
    '| | median | rounds | mark |',
    '|---|---|---|---|',
    ...table,
    '',
  ].join('\n');
  writeFileSync(path.join(root, `docs/measurements/${day}-web.md`), text);
  console.log(text);
}
