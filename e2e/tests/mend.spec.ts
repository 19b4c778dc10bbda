import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, pdf, test, xml } from '../support/session.ts';

test('a broken document holds its process; support finds it, gives a corrected file, and it ends', async ({ app }) => {
  const customId = `case-${Date.now()}`;
  const good = await pdf(app, 'A lease');
  const application = await xml(app, 'Иванов');

  await app.goto(`${origin()}/processes/new?definition=quick-check`);
  await app.getByLabel('customId').fill(customId);
  await app.getByLabel('Applicant').fill('Иванов');
  await app.getByLabel('E-mail').fill('ivanov@example.org');
  const files = app.locator('input[type=file]');
  await files.nth(0).setInputFiles({ name: 'application.xml', mimeType: 'text/xml', buffer: Buffer.from(application) });
  await files.nth(1).setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: good.subarray(0, 300) });
  await expect(app.getByText('application.xml')).toBeVisible();
  await expect(app.getByText('lease.pdf')).toBeVisible();
  await everyLook(app, 'mend-1-start-form');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();

  await expect(app.getByTestId('process-page')).toBeVisible();
  await expect(app.getByTestId('tree-row-inspect_document')).toHaveAttribute('data-state', 'incident');
  await expect(app.getByTestId('tree-row-inspect_application')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-inspect_document')).toHaveAttribute('data-state', 'incident');

  // Support comes with nothing but the beginning of the customId.
  await app.goto(`${origin()}/processes?custom_id_prefix=${customId.slice(0, -3)}&state=incident`);
  await everyLook(app, 'mend-2-search');
  await app.getByText(customId).first().click();
  await app.getByTestId('tree-row-inspect_document').click();
  await expect(app.getByTestId('error-card')).toContainText('DOCUMENT_INVALID');
  await everyLook(app, 'mend-3-incident');

  await app.getByTestId('details').getByRole('button', { name: 'Edit and retry' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.locator('input[type=file]').first().setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: good });
  await dialog.getByLabel('Reason').fill('the applicant sent the whole file');
  await inBothThemes(app, 'mend-4-edit-and-retry');
  await dialog.getByRole('button', { name: /retry/i }).last().click();

  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-accepted')).toHaveAttribute('data-state', 'completed');
  await everyLook(app, 'mend-5-mended');

  await app.goto(`${origin()}/mail`);
  // A rule for alerts may write of this process too: the applicant's own letter is the one meant.
  const letter = app.getByTestId('mail-row').filter({ hasText: 'ivanov@example.org' }).filter({ hasText: customId });
  await expect(letter).toBeVisible();
});
