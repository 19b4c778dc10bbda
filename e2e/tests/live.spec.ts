import type { Page } from '@playwright/test';

import { call, publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

/** Notes what a person sees of each step from now on, in order. */
async function watchStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Record<string, string[]> = {};
    Object.assign(window, { seen });
    const note = () => {
      for (const node of document.querySelectorAll('[data-testid^=node-], [data-testid^=tree-row-]')) {
        const states = (seen[node.getAttribute('data-testid') ?? ''] ??= []);
        const state = node.getAttribute('data-state') ?? '';
        if (states.at(-1) !== state) states.push(state);
      }
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
  });
}

/** The states in which each step was seen, by the place where it stands. */
const seenStates = (page: Page) => page.evaluate(() => (window as unknown as { seen: Record<string, string[]> }).seen);

const life = ['queued', 'running', 'completed'];

test('a walk moves on canvas and tree without a reload', async ({ app }) => {
  // Nothing runs before somebody looks.
  const walks = { kind: 'definition', name: 'demo-walk', reason: 'an audience is on its way' };
  await call(app, 'POST', '/pauses', walks);
  await app.goto(`${origin()}/processes/new?definition=demo-walk`);
  await app.getByLabel('customId').fill(`walk-${Date.now()}`);
  await app.getByLabel(/Seconds/).fill('8');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  await expect(app.getByTestId('tree-row-prepare')).toHaveAttribute('data-state', 'ready');
  await app.evaluate(() => Object.assign(window, { neverReloaded: true }));
  await watchStates(app);
  await call(app, 'POST', '/pauses/resume', walks);

  await expect(app.getByTestId('node-long')).toHaveAttribute('data-state', 'running');
  await expect(app.getByTestId('tree-row-long')).toHaveAttribute('data-state', 'running');
  await everyLook(app, 'live-running');
  await expect(app.getByTestId('node-long')).toHaveAttribute('data-state', 'completed', { timeout: 30_000 });
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');

  const seen = await seenStates(app);
  // Changes that come close together are drawn as one, so a step may be left out; none is drawn twice or backwards.
  for (const place of ['node-quick', 'node-long', 'tree-row-quick', 'tree-row-long']) {
    const drawn = seen[place]?.filter((state) => life.includes(state)) ?? [];
    expect(drawn, place).toEqual(life.filter((state) => drawn.includes(state)));
    expect(drawn.at(-1), place).toBe('completed');
  }
  for (const place of ['node-long', 'tree-row-long']) expect(seen[place], place).toContain('running');
  expect(await app.evaluate(() => 'neverReloaded' in window)).toBe(true);
});

/** One step that takes its time. */
const patient = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start' },
    { id: 'step', kind: 'service_task', title: 'Step', service: { type: 'demo.step@1', input: { sleep_ms: 4000 } } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'step' }, { id: 'e2', from: 'step', to: 'end' }],
  layout: { nodes: {} },
};

test('a step behind a full worker is seen queued, then running, then completed', async ({ app }) => {
  await publish(app, 'patient', 'Patient', patient);
  const crowd = { kind: 'definition', name: 'patient', reason: 'an audience is on its way' };
  await call(app, 'POST', '/pauses', crowd);
  const slots = 512; // of the worker that comes with the server
  await app.evaluate(async (count) => {
    const start = (n: number) =>
      fetch('/api/v1/processes', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ definition: 'patient', custom_id: `crowd-${n}` }),
      });
    for (let n = 0; n < count; n += 32) await Promise.all(Array.from({ length: 32 }, (_, index) => start(n + index)));
  }, slots);
  const { id } = await call<{ id: string }>(app, 'POST', '/processes', { definition: 'patient', custom_id: 'last' });
  await app.goto(`${origin()}/processes/${id}`);
  await expect(app.getByTestId('tree-row-step')).toHaveAttribute('data-state', 'ready');
  await watchStates(app);
  await call(app, 'POST', '/pauses/resume', crowd);
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed', { timeout: 60_000 });
  const seen = await seenStates(app);
  for (const place of ['node-step', 'tree-row-step']) expect(seen[place], place).toEqual(['ready', ...life]);
});
