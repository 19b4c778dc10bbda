import { expect, test } from '@playwright/test';

import { call, publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { type OwnProduct, startOwnProduct } from '../support/own-product.ts';

const many = 901;

const deed = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start' },
    { id: 'seal', kind: 'service_task', title: 'Seal the deed', service: { type: 'drill.step@1', input: { n: '=input.n' }, retry: { max_attempts: 1 } } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'seal' }, { id: 'e2', from: 'seal', to: 'end' }],
  layout: { nodes: {} },
};

let product: OwnProduct;
test.beforeAll(async () => {
  product = await startOwnProduct('drill');
});
test.afterAll(async () => {
  await product.stop();
});

test('the operator drill: 901 processes, a faulty worker, a pause, a group retried, all end', async ({ page }) => {
  await page.context().addCookies([{ name: 'taskurotta_session', value: product.session, url: product.origin }]);
  await page.goto(product.origin);
  const announced = product.worker('--slots', '2');
  await publish(page, 'deed', 'Deed', deed);
  await announced();

  // No worker runs: the queue fills, and shows since when nobody polls.
  await page.evaluate(async (n) => {
    const rest = Array.from({ length: n }, (_, i) => i + 1);
    const start = async () => {
      for (let i = rest.pop(); i !== undefined; i = rest.pop()) {
        const answer = await fetch('/api/v1/processes', {
          method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ definition: 'deed', custom_id: `D-${i}`, input: { n: i } }),
        });
        if (!answer.ok) throw new Error(await answer.text());
      }
    };
    await Promise.all(Array.from({ length: 16 }, start));
  }, many);
  const found = async (filter: object) => (await call<{ total: number }>(page, 'POST', '/bulk-jobs', { operation: 'restart', filter: { definition: 'deed', ...filter } })).total;
  expect(await found({})).toBe(many);
  await page.goto(`${product.origin}/workers`);
  const pool = page.getByTestId('pool-drill');
  await expect(pool).toContainText('no worker since');
  const waiting = async () => {
    const { pools } = await call<{ pools: { pool: string; queued: number; backlog: number; running: number }[] }>(page, 'GET', '/workers');
    const drill = pools.find((one) => one.pool === 'drill');
    return { waiting: (drill?.queued ?? 0) + (drill?.backlog ?? 0), running: drill?.running ?? -1 };
  };
  await expect.poll(async () => (await waiting()).waiting).toBe(many);
  await everyLook(page, 'drill-1-nobody-polls');

  // A good worker and a faulty one: processes break, and are seen to.
  const good = product.worker('--slots', '2', '--work', '250ms');
  const faulty = product.worker('--slots', '4', '--work', '250ms', '--faulty');
  await expect(pool).toContainText('2 workers');
  const badge = page.getByTestId('nav-incidents');
  await expect.poll(async () => Number(await badge.textContent().catch(() => '0'))).toBeGreaterThan(20);

  // The node type is paused: the number of the broken stops growing, and the queue stays.
  await page.getByRole('button', { name: 'Pause Drill step' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('a worker breaks what it gets');
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByTestId('paused-type-drill.step@1')).toBeVisible();
  await expect.poll(async () => (await waiting()).running).toBe(0);
  await page.goto(`${product.origin}/incidents`);
  const group = page.getByTestId('incident-group');
  await expect(group).toHaveCount(1);
  const broken = async () => (await call<{ incidents: number }>(page, 'GET', '/incident-groups')).incidents;
  const stopped = await broken();
  const ends = await found({ state: ['completed'] });
  expect(stopped).toBeGreaterThan(20);
  expect(stopped + ends + (await waiting()).waiting, 'nothing is lost').toBe(many);

  // The error, its stack, and its group.
  await expect(group).toContainText('the seal of page # is missing');
  await expect(group.getByTestId('incident-count')).toHaveText(String(stopped));
  await expect(page.getByTestId('incident-totals')).toContainText('1 group');
  await group.getByRole('button', { name: /Show the incidents/ }).click();
  await expect(page.getByTestId('incident-row').first()).toContainText(/the seal of page \d+ is missing/);
  await everyLook(page, 'drill-2-incidents');
  await page.getByTestId('incident-row').first().getByRole('link').click();
  await expect(page.getByTestId('tree-row-seal')).toHaveAttribute('data-state', 'incident');
  await expect(page.getByRole('complementary', { name: 'Details' })).toContainText('main.faults.step');
  expect(await broken(), 'a pause breaks no more').toBe(stopped);
  expect((await waiting()).waiting).toBe(many - stopped - ends);

  // The worker is replaced, the group retried, the type resumed: all end.
  await faulty(true);
  product.worker('--slots', '64');
  await page.goto(`${product.origin}/incidents`);
  await group.getByRole('button', { name: 'Retry all' }).click();
  await expect(page.getByTestId('bulk-state')).toHaveText('dry run');
  await page.getByRole('button', { name: `Do all ${stopped}` }).click();
  await dialog.getByLabel('Reason').fill('the worker is mended');
  await dialog.getByRole('button', { name: `Do all ${stopped}` }).click();
  await expect(page.getByTestId('bulk-state')).toHaveText('finished', { timeout: 30_000 });
  await expect(page.getByTestId('bulk-numbers').locator('[data-name=done]')).toContainText(String(stopped));
  expect(await found({ state: ['completed'] }), 'what is retried waits for the end of the pause').toBe(ends);
  await page.goto(`${product.origin}/workers`);
  await page.getByRole('button', { name: 'Resume Drill step' }).click();
  await dialog.getByLabel('Reason').fill('the worker is mended');
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect.poll(() => found({ state: ['completed'] }), { timeout: 60_000 }).toBe(many);
  await page.goto(`${product.origin}/incidents`);
  await expect(page.getByText('Nothing waits for you')).toBeVisible();
  await expect(badge).toHaveCount(0);
  await page.goto(product.origin);
  await expect(page.getByRole('img', { name: `started: ${many}, completed: ${many}, incidents: ${stopped}` })).toBeVisible();
  await good();
});
