import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

test('a process is made urgent, then deleted with all its traces', async ({ app }) => {
  const customId = `gone-${Date.now()}`;
  await app.goto(`${origin()}/processes/new?definition=demo-walk`);
  await app.getByLabel('customId').fill(customId);
  await app.getByLabel(/Seconds/).fill('300');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  await expect(app.getByTestId('tree-row-long')).toHaveAttribute('data-state', 'running');
  const address = app.url();
  const dialog = app.getByRole('dialog');

  await app.getByRole('button', { name: 'More' }).click();
  await app.getByRole('menuitem', { name: 'Change priority…' }).click();
  await dialog.getByRole('combobox', { name: 'Priority' }).click();
  await app.getByRole('option', { name: '1 · urgent' }).click();
  await dialog.getByLabel('Reason').fill('the applicant waits at the desk');
  await dialog.getByRole('button', { name: 'Change priority' }).click();
  // A dialog that is closing has a banner of its own.
  await expect(dialog).toHaveCount(0);
  await expect(app.getByRole('banner')).toContainText('priority 1');

  await app.getByRole('button', { name: 'More' }).click();
  await app.getByRole('menuitem', { name: 'Delete with all traces…' }).click();
  await dialog.getByLabel('Reason').fill('started by mistake');
  await inBothThemes(app, 'delete-1-dialog');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(app).toHaveURL(/\/processes$/);

  await app.goto(address);
  await expect(app.getByText(/admin deleted it on .*: started by mistake/)).toBeVisible();
  await everyLook(app, 'delete-2-tombstone');
  await app.goto(`${origin()}/audit`);
  await expect(app.getByRole('main')).toContainText('deleted the process');
});
