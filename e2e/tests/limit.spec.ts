import { everyLook } from '../support/look.ts';
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
