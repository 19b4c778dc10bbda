import { call, publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

/** A step that fails for good. */
const tariff = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start' },
    { id: 'calculate', kind: 'service_task', title: 'Calculate', service: { type: 'demo.step@1', input: { fail_times: 1, fail_class: 'business', fail_code: 'NO_TARIFF' } } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'calculate' }, { id: 'e2', from: 'calculate', to: 'end' }],
  layout: { nodes: {} },
};

test('an operator skips every incident of one error, after a look at what would happen', async ({ app }) => {
  const many = 40;
  await publish(app, 'tariff', 'Tariff', tariff);
  for (let n = 1; n <= many; n++) await call(app, 'POST', '/processes', { definition: 'tariff', custom_id: `T-${n}` });
  const left = async () => (await call<{ items: unknown[] }>(app, 'GET', '/processes?definition=tariff&state=incident&limit=200')).items.length;
  await expect.poll(left, { timeout: 30_000 }).toBe(many);

  await app.goto(`${origin()}/processes?definition=tariff&state=incident&error_code=NO_TARIFF`);
  await app.getByTestId('bulk-menu').click();
  await app.getByRole('menuitem', { name: 'Skip incidents' }).click();
  await expect(app.getByTestId('bulk-state')).toHaveText('dry run');
  await expect(app.getByTestId('bulk-numbers').locator('[data-name=pending]')).toContainText(String(many));
  expect(await left()).toBe(many);
  await everyLook(app, 'bulk-1-dry-run');

  await app.getByRole('button', { name: `Do all ${many}` }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('Value').fill('{"attempt":1,"slept_ms":0}');
  await dialog.getByLabel('Reason').fill('the tariff is known now');
  await dialog.getByRole('button', { name: `Do all ${many}` }).click();
  await expect(app.getByTestId('bulk-state')).toHaveText('finished', { timeout: 30_000 });
  await expect(app.getByTestId('bulk-numbers').locator('[data-name=done]')).toContainText(String(many));
  await expect(app.getByTestId('bulk-item').first()).toHaveAttribute('data-state', 'done');
  const completed = async () => (await call<{ items: unknown[] }>(app, 'GET', '/processes?definition=tariff&state=completed&limit=200')).items.length;
  await expect.poll(completed, { timeout: 30_000 }).toBe(many);
  await everyLook(app, 'bulk-2-finished');

  await app.goto(`${origin()}/bulk`);
  await expect(app.getByTestId('bulk-row').first()).toContainText('Skip incidents');
  await everyLook(app, 'bulk-3-list');
});
