import { call } from '../support/api.ts';
import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

test('an operator limits a node type, sees what the limit holds, and removes it', async ({ app }) => {
  const dialog = app.getByRole('dialog');
  await app.goto(`${origin()}/workers`);
  await app.getByRole('button', { name: 'Limit Demo step' }).click();
  await dialog.getByLabel('At once with the workers').fill('1');
  await dialog.getByLabel('For each').fill('input.sleep_ms');
  await dialog.getByLabel('Reason').fill('the register is slow');
  await dialog.getByRole('button', { name: 'Set the limit' }).click();
  await expect(app.getByTestId('limit-demo.step@1')).toContainText('1 at once · for each input.sleep_ms');
  await everyLook(app, 'limit-1-workers');

  const addresses: string[] = [];
  for (const n of [1, 2]) {
    await app.goto(`${origin()}/processes/new?definition=demo-walk`);
    await app.getByLabel('customId').fill(`limited-${n}-${Date.now()}`);
    await app.getByLabel(/Seconds/).fill('12');
    await app.locator('button[type=submit]', { hasText: 'Start' }).click();
    await expect(app.getByTestId('tree-row-long')).toHaveAttribute('data-state', n === 1 ? 'running' : 'ready');
    addresses.push(app.url());
  }
  await app.getByTestId('tree-row-long').click();
  await expect(app.getByRole('complementary', { name: 'Details' })).toContainText('held by the limit of demo.step@1');

  await app.goto(`${origin()}/workers`);
  await app.getByRole('button', { name: 'Limit Demo step' }).click();
  await dialog.getByLabel('At once with the workers').fill('');
  await dialog.getByLabel('Reason').fill('it is fast again');
  await dialog.getByRole('button', { name: 'Remove the limit' }).click();
  await expect(app.getByTestId('limit-demo.step@1')).toHaveCount(0);
  for (const address of addresses) {
    await app.goto(address);
    await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed', { timeout: 40_000 });
  }
});

test('an operator drains a worker and sees it drain', async ({ app }) => {
  // A worker that speaks HTTP: this test itself is it.
  const { token } = await call<{ token: string }>(app, 'POST', '/tokens', { name: 'idle', roles: ['worker'], pools: ['idle'] });
  const work = async (what: string, body: object): Promise<{ draining: boolean }> => {
    const answer = await fetch(`${origin()}/api/v1/work/idle/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ worker: 'idler', ...body }),
    });
    expect(answer.status, what).toBeLessThan(300);
    return (answer.status === 204 ? { draining: false } : await answer.json()) as { draining: boolean };
  };
  const nothing = { type: 'object', properties: {} };
  const title = { en: 'Idle', ru: 'Безделье' };
  const types = [{ name: 'idle.idle', major: 1, title, category: title, input_schema: nothing, output_schema: nothing }];
  await work('announce', { host: 'here', version: '1', types });
  const alive = setInterval(() => void work('heartbeat', {}).catch(() => undefined), 1000);
  try {
    await app.goto(`${origin()}/workers`);
    await app.getByRole('button', { name: 'Drain http:idle:idler' }).click({ timeout: 30_000 });
    const dialog = app.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('a new release');
    await inBothThemes(app, 'drain-1-dialog');
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(app.getByTestId('draining-http:idle:idler')).toContainText('a new release');
    await expect(app.getByRole('button', { name: 'Drain http:idle:idler' })).toHaveCount(0);
    await everyLook(app, 'drain-2-workers');
    await expect.poll(async () => (await work('heartbeat', {})).draining, { timeout: 60_000 }).toBe(true);
    await app.getByRole('button', { name: 'Put http:idle:idler back to work' }).click();
    await dialog.getByLabel('Reason').fill('it is needed after all');
    await dialog.getByRole('button', { name: 'Put back to work' }).click();
    await expect(dialog).toHaveCount(0);
    await expect.poll(async () => (await work('heartbeat', {})).draining, { timeout: 60_000 }).toBe(false);
  } finally {
    clearInterval(alive);
    await work('leave', {});
  }
});
