import { expect, origin, picture, test } from '../support/session.ts';

test('a walk moves on canvas and tree without a reload', async ({ app }) => {
  await app.goto(`${origin()}/processes/new?definition=demo-walk`);
  await app.getByLabel('customId').fill(`walk-${Date.now()}`);
  await app.getByLabel(/Seconds/).fill('8');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();

  const long = app.getByTestId('node-long');
  await expect(long).toHaveAttribute('data-state', 'running');
  await expect(app.getByTestId('tree-row-long')).toHaveAttribute('data-state', 'running');
  await picture(app, 'running');
  await expect(long).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
});
