import { call } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

/** An application of the first start that lacks a document: a clerk is asked about it, later a registrar. */
const application = '2026-1011';

test('a clerk and a registrar take a registration to its entry, while the registry answers over the bus', async ({ app }) => {
  const list = await call<{ items: { id: string }[] }>(app, 'GET', `/processes?custom_id=${application}&definition=rights-registration`);
  const process = `${origin()}/processes/${list.items[0]?.id ?? ''}`;

  /** Does the task of the application that is offered in the inbox. */
  const decide = async (title: string, decision: string, look: string) => {
    await app.goto(`${origin()}/tasks`);
    const row = app.getByTestId('user-task-row').filter({ hasText: application }).filter({ hasText: title });
    await expect(row).toBeVisible({ timeout: 60_000 });
    await row.click();
    const task = app.getByTestId('user-task');
    await task.getByRole('button', { name: 'Take the task' }).click();
    await task.getByRole('combobox', { name: 'Decision' }).click();
    await app.getByRole('option', { name: decision, exact: true }).click();
    await everyLook(app, look);
    await task.getByRole('button', { name: 'Complete' }).click();
    await expect(row).toHaveCount(0);
  };

  await decide('Accept or return?', 'accept', 'registration-1-clerk');
  await app.goto(process);
  await expect(app.getByTestId('node-documents')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('tree-row-examine')).toHaveAttribute('data-state', 'waiting', { timeout: 90_000 });
  await everyLook(app, 'registration-2-process');
  await decide('Legal examination', 'approve', 'registration-3-registrar');
  await app.goto(process);
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed', { timeout: 90_000 });
  await expect(app.getByTestId('node-registered')).toHaveAttribute('data-state', 'completed');
  await everyLook(app, 'registration-4-registered');

  await app.goto(`${origin()}/mail`);
  await expect(app.getByTestId('mail-row').filter({ hasText: `Application ${application} is registered` })).toBeVisible();
});
