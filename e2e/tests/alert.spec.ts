import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

const failing = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start', start: {} },
    { id: 'sign', kind: 'service_task', title: 'Check the seal', service: { type: 'demo.step@1', input: { fail_times: 9, fail_class: 'business', fail_code: 'SEAL_BROKEN' } } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [
    { id: 'a', from: 'start', to: 'sign' },
    { id: 'b', from: 'sign', to: 'end' },
  ],
  layout: { nodes: {} },
};

test('support hears of an incident by mail, follows its link, and hears that it is over', async ({ app }) => {
  const address = `night-${Date.now()}@example.org`;
  await app.goto(`${origin()}/alerts`);
  await app.getByRole('button', { name: 'Edit Incident opened' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('Mail to').fill(address);
  await dialog.getByLabel('Mail to').press('Enter');
  await dialog.getByRole('switch', { name: 'The rule is on' }).check();
  await inBothThemes(app, 'alert-1-rule');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);

  await app.getByRole('button', { name: 'Send a test of Incident opened' }).click();
  await dialog.getByRole('button', { name: 'Send a test' }).click();
  await expect(dialog.getByTestId('alert-delivery')).toHaveAttribute('data-state', 'sent');
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();

  const post = async (path: string, data: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.request.post(`${origin()}/api/v1${path}`, { headers: { origin: origin(), ...headers }, data });
    expect(answer.ok(), await answer.text()).toBe(true);
    return answer;
  };
  const key = `seals-${Date.now()}`;
  await post('/definitions', { key, title: 'Seals', document: failing });
  const draft = await app.request.get(`${origin()}/api/v1/definitions/${key}/draft`);
  await post(`/definitions/${key}/publish`, { note: 'first' }, { 'if-match': draft.headers().etag ?? '' });
  const customId = `alert-${Date.now()}`;
  const started = await post('/processes', { definition: key, custom_id: customId, input: {} });
  const { id } = (await started.json()) as { id: string };

  const row = app.getByTestId('alert-row');
  await expect(row).toHaveAttribute('data-state', 'open', { timeout: 30_000 });
  await row.getByRole('button', { name: 'Details' }).click();
  await expect(app.getByTestId('alert-delivery').first()).toHaveAttribute('data-state', 'sent');
  await expect(app.getByRole('link', { name: customId })).toBeVisible();
  await everyLook(app, 'alert-2-open');

  await app.goto(`${origin()}/mail`);
  await app.getByText(`${customId}: incident`).first().click();
  await expect(app.getByText(`${origin()}/processes/${id}`).first()).toBeVisible();
  await everyLook(app, 'alert-3-mail');

  await post(`/processes/${id}/cancel`, { reason: 'not needed' });
  await app.goto(`${origin()}/alerts?state=past`);
  await expect(row).toHaveAttribute('data-state', 'past', { timeout: 45_000 });
  await app.goto(`${origin()}/mail`);
  await expect(app.getByText('Recovered: ').first()).toBeVisible();
});
