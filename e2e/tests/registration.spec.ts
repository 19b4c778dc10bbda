import { call } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { behave, decide } from '../support/office.ts';
import { expect, origin, pdf, test } from '../support/session.ts';

/** Applications of the first start: one lacks a document, so that a clerk is asked about it and later a registrar; one is held. */
const application = '2026-1011';
const held = '2026-1002';

test('a clerk and a registrar take a registration to its entry, while the registry answers over the bus', async ({ app }) => {
  await behave(app);
  const list = await call<{ items: { id: string }[] }>(app, 'GET', `/processes?custom_id=${application}&definition=rights-registration`);
  const process = `${origin()}/processes/${list.items[0]?.id ?? ''}`;

  await decide(app, application, 'Accept or return?', 'Accept', 'registration-1-clerk');
  await app.goto(process);
  await expect(app.getByTestId('node-documents')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('tree-row-examine')).toHaveAttribute('data-state', 'waiting', { timeout: 90_000 });
  await everyLook(app, 'registration-2-process');
  await decide(app, application, 'Legal examination', 'Approve');
  await app.goto(process);
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed', { timeout: 90_000 });
  await expect(app.getByTestId('node-registered')).toHaveAttribute('data-state', 'completed');

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

  await guide.getByRole('button', { name: 'Next: mend what is held' }).click();
  await expect(guide).toHaveAttribute('data-stop', 'mend');
  await expect(app.getByTestId('error-card')).toContainText('DOCUMENT_INVALID');
  await everyLook(app, 'guide-2-mend');
  await app.getByTestId('details').getByRole('button', { name: 'Edit and retry' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.locator('input[type=file]').first().setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: await pdf(app, 'A lease') });
  await dialog.getByLabel('Reason').fill('the whole file');
  await dialog.getByRole('button', { name: /retry/i }).last().click();
  await expect(guide).toHaveAttribute('data-stop', 'mended', { timeout: 60_000 });
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');

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
