import { publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

const report = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Every morning', start: {} },
    { id: 'write', kind: 'service_task', title: 'Write the report', service: { type: 'demo.step@1', input: {} } },
    { id: 'end', kind: 'end_event', title: 'Written', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'write' }, { id: 'e2', from: 'write', to: 'end' }],
  layout: { nodes: {} },
};

test('a schedule is made on its page, run at once, and tells what became of it', async ({ app }) => {
  await publish(app, 'morning-report', 'Morning report', report);
  await app.goto(`${origin()}/schedules`);
  await app.getByRole('button', { name: 'Add a schedule' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'Add a schedule' });
  await dialog.getByRole('combobox', { name: 'Definition' }).click();
  await app.getByRole('option', { name: /Morning report/ }).click();
  await expect(dialog.getByTestId('cron-times').getByRole('listitem')).toHaveCount(5);
  await dialog.getByLabel('customId').fill("report {{formatDate(now(), '2006-01-02')}}");
  await dialog.getByRole('button', { name: 'Save' }).click();

  await expect(app.getByRole('heading', { name: 'History' })).toBeHidden();
  await expect(app).toHaveURL(/\/schedules\/[0-9a-f-]{36}$/);
  await app.getByRole('button', { name: 'Run now' }).click();
  const row = app.getByRole('row', { name: /run by/ });
  await expect(row.locator('[data-state="completed"]')).toBeVisible();
  await everyLook(app, 'schedule-1-run');
  await row.getByRole('link').first().click();
  await expect(app.getByTestId('node-write')).toHaveAttribute('data-state', 'completed');
});
