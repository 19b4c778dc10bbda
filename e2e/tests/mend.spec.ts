import { expect, origin, pdf, picture, test, xml } from '../support/session.ts';

test('a broken document holds its process; support finds it, gives a corrected file, and it ends', async ({ app }) => {
  const customId = `case-${Date.now()}`;
  const good = await pdf(app, 'A lease');
  const application = await xml(app, 'Иванов');

  await app.goto(`${origin()}/processes/new?definition=document-check`);
  await app.getByLabel('customId').fill(customId);
  await app.getByLabel('Applicant').fill('Иванов');
  await app.getByLabel('E-mail').fill('ivanov@example.org');
  const files = app.locator('input[type=file]');
  await files.nth(0).setInputFiles({ name: 'application.xml', mimeType: 'text/xml', buffer: Buffer.from(application) });
  await files.nth(1).setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: good.subarray(0, 300) });
  await expect(app.getByText('application.xml')).toBeVisible();
  await expect(app.getByText('lease.pdf')).toBeVisible();
  await picture(app, 'start-form');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();

  await expect(app.getByTestId('process-page')).toBeVisible();
  await expect(app.getByTestId('tree-row-inspect_document')).toHaveAttribute('data-state', 'incident');
  await expect(app.getByTestId('tree-row-inspect_application')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-inspect_document')).toHaveAttribute('data-state', 'incident');

  // Support comes with nothing but the beginning of the customId.
  await app.goto(`${origin()}/processes?custom_id_prefix=${customId.slice(0, -3)}&state=incident`);
  await picture(app, 'search');
  await app.getByText(customId).first().click();
  await app.getByTestId('tree-row-inspect_document').click();
  await expect(app.getByTestId('error-card')).toContainText('DOCUMENT_INVALID');
  await picture(app, 'incident');

  await app.getByTestId('details').getByRole('button', { name: 'Edit and retry' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.locator('input[type=file]').first().setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: good });
  await dialog.getByLabel('Reason').fill('the applicant sent the whole file');
  await picture(app, 'edit-and-retry');
  await dialog.getByRole('button', { name: /retry/i }).last().click();

  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-accepted')).toHaveAttribute('data-state', 'completed');
  await picture(app, 'mended');

  await app.goto(`${origin()}/mail`);
  await expect(app.getByTestId('mail-row').filter({ hasText: customId })).toBeVisible();
});
