import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, pdf, registry, test } from '../support/session.ts';

/** Applications of the first start: one lacks a document, so that a clerk is asked about it and later a registrar; one has an
 * application against its schema, one is held. */
const application = '2026-1011';
const returned = '2026-1012';
const held = '2026-1002';

/** Does the task that is offered for a process in the inbox. */
async function decide(app: Page, customId: string, title: string, decision: string, look?: string) {
  await app.goto(`${origin()}/tasks`);
  const row = app.getByTestId('user-task-row').filter({ hasText: customId }).filter({ hasText: title });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await row.click();
  const task = app.getByTestId('user-task');
  await task.getByRole('button', { name: 'Take the task' }).click();
  await task.getByRole('combobox', { name: 'Decision' }).click();
  await app.getByRole('option', { name: decision, exact: true }).click();
  if (look !== undefined) await everyLook(app, look);
  await task.getByRole('button', { name: 'Complete' }).click();
  await expect(row).toHaveCount(0);
}

test('a clerk and a registrar take a registration to its entry, while the registry answers over the bus', async ({ app }) => {
  const list = await call<{ items: { id: string }[] }>(app, 'GET', `/processes?custom_id=${application}&definition=rights-registration`);
  const process = `${origin()}/processes/${list.items[0]?.id ?? ''}`;

  await decide(app, application, 'Accept or return?', 'Accept', 'registration-1-clerk');
  await app.goto(process);
  await expect(app.getByTestId('node-documents')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('tree-row-examine')).toHaveAttribute('data-state', 'waiting', { timeout: 90_000 });
  await everyLook(app, 'registration-2-process');
  await decide(app, application, 'Legal examination', 'Approve', 'registration-3-registrar');
  await app.goto(process);
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed', { timeout: 90_000 });
  await expect(app.getByTestId('node-registered')).toHaveAttribute('data-state', 'completed');
  await everyLook(app, 'registration-4-registered');

  await app.goto(`${origin()}/mail`);
  await expect(app.getByTestId('mail-row').filter({ hasText: `Application ${application} is registered` })).toBeVisible();
});

test('a newcomer is led from a registration to what is held, mends it and sees it end', async ({ app }) => {
  await app.goto(origin());
  const guide = app.getByTestId('guide-bar');
  await expect(app.getByTestId('start-here')).toBeVisible({ timeout: 60_000 });
  await everyLook(app, 'guide-1-start-here');
  await app.getByTestId('start-here-watch').click();
  await expect(guide).toHaveAttribute('data-stop', 'watch');
  await expect(app.getByTestId('tree-row-documents')).toBeVisible();
  await everyLook(app, 'guide-2-watch');

  await guide.getByRole('button', { name: 'Next: mend what is held' }).click();
  await expect(guide).toHaveAttribute('data-stop', 'mend');
  await expect(app.getByTestId('error-card')).toContainText('DOCUMENT_INVALID');
  await everyLook(app, 'guide-3-mend');
  await app.getByTestId('details').getByRole('button', { name: 'Edit and retry' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.locator('input[type=file]').first().setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: await pdf(app, 'A lease') });
  await dialog.getByLabel('Reason').fill('the whole file');
  await dialog.getByRole('button', { name: /retry/i }).last().click();
  await expect(guide).toHaveAttribute('data-stop', 'mended', { timeout: 60_000 });
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  await everyLook(app, 'guide-4-mended');

  await guide.getByRole('link', { name: 'Next: a task of a person' }).click();
  await expect(app).toHaveURL(/\/tasks/);
  await app.goto(origin());
  for (const stop of ['watch', 'mend', 'person']) await expect(app.getByTestId(`start-here-${stop}`)).toHaveAttribute('data-done', 'true');
  await expect(app.getByTestId('start-here')).toContainText(held);
  await app.getByRole('button', { name: 'Hide for good' }).click();
  await app.reload();
  await expect(app.getByText('Latest processes')).toBeVisible();
  await expect(app.getByTestId('start-here')).toHaveCount(0);
});

test('a registrar answers by hand for a registry that is silent; a clerk returns a package that is never corrected', async ({ app }) => {
  const behave = async (silent: string) => {
    expect((await app.request.post(`${registry()}/faults`, { form: { silent } })).ok()).toBe(true);
  };
  const customId = `silent-${Date.now()}`;
  await behave('1');
  const { id } = await call<{ id: string }>(app, 'POST', '/processes', {
    definition: 'registry-request', custom_id: customId, input: { application: customId, kind: 'parcel', cadastral_number: '77:01:0001001:1', patience: 'PT1S' },
  });
  await decide(app, customId, 'The registry is silent', 'Answer by hand');
  await behave('0');
  await app.goto(`${origin()}/processes/${id}`);
  await expect(app.getByTestId('node-by_hand')).toHaveAttribute('data-state', 'completed', { timeout: 60_000 });

  const [check] = (await call<{ items: { id: string }[] }>(app, 'GET', `/processes?custom_id=${returned}&definition=document-check`)).items;
  await decide(app, returned, 'Accept or return?', 'Return');
  await app.goto(`${origin()}/processes/${check?.id ?? ''}`);
  await expect(app.getByTestId('node-wait')).toHaveAttribute('data-state', 'waiting', { timeout: 60_000 });
  const { items } = await call<{ items: { id: string; node_id: string }[] }>(app, 'GET', `/processes/${check?.id ?? ''}/tasks?limit=200`);
  const wait = items.find((task) => task.node_id === 'wait');
  await call(app, 'POST', `/processes/${check?.id ?? ''}/tasks/${wait?.id ?? ''}/fire`, { node: 'deadline', reason: 'nobody corrects it' });
  await expect(app.getByTestId('node-returned')).toHaveAttribute('data-state', 'completed', { timeout: 60_000 });
});
