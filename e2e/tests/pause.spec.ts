import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

test('an operator pauses a node type, sees what waits for it, and resumes it', async ({ app }) => {
  await app.goto(`${origin()}/workers`);
  await app.getByRole('button', { name: 'Pause Demo step' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('the register is down');
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(app.getByTestId('paused-type-demo.step@1')).toContainText('the register is down');

  await app.goto(`${origin()}/processes/new?definition=demo-walk`);
  await app.getByLabel('customId').fill(`paused-${Date.now()}`);
  await app.getByLabel(/Seconds/).fill('1');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  const row = app.getByTestId('tree-row-prepare');
  await expect(row).toHaveAttribute('data-state', 'ready');
  await row.click();
  await expect(app.getByRole('complementary', { name: 'Details' })).toContainText(/demo\.step@1 is paused by admin since .*: the register is down/);
  await everyLook(app, 'pause-1-waits');

  await app.goto(`${origin()}/workers`);
  await everyLook(app, 'pause-2-workers');
  await app.getByRole('button', { name: 'Resume Demo step' }).click();
  await dialog.getByLabel('Reason').fill('it is back');
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(app.getByTestId('paused-type-demo.step@1')).toHaveCount(0);
  await app.goBack();
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
});
