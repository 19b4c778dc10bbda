import { call } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

/** A letter is counted, then mailed: what only the engine does, and what changes the world. */
const letters = {
  schema: 1,
  nodes: [
    {
      id: 'start', kind: 'start_event', title: 'Letter',
      start: { input_schema: { type: 'object', required: ['to', 'text'], properties: { to: { type: 'string', title: 'To' }, text: { type: 'string', title: 'Text' } } } },
    },
    { id: 'count', kind: 'script_task', title: 'Count', script: { output: { length: '=len(input.text)' } } },
    {
      id: 'mail', kind: 'service_task', title: 'Mail it',
      service: { type: 'mail.send@1', input: { to: '=input.to', subject: 'A letter of {{tasks.count.length}} characters', text: '=input.text' } },
    },
    { id: 'end', kind: 'end_event', title: 'Sent', end: { kind: 'none', output: { length: '=tasks.count.length' } } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'count' }, { id: 'e2', from: 'count', to: 'mail' }, { id: 'e3', from: 'mail', to: 'end' }],
  layout: { nodes: {} },
};

test('an analyst tests a draft, pins an output and tries one step alone, and nobody gets mail', async ({ app }) => {
  await call(app, 'POST', '/definitions', { key: 'letters', title: 'Letters', document: letters });
  await app.goto(`${origin()}/definitions/letters`);
  await expect(app.getByTestId('node-mail')).toBeVisible();

  await app.keyboard.press('t');
  const dialog = app.getByRole('dialog', { name: 'Test the draft' });
  await dialog.getByLabel(/^To/).fill('ann@example.org');
  await dialog.getByLabel(/^Text/).fill('Hello');
  await expect(dialog.getByRole('region', { name: 'Steps that pretend' })).toContainText('Mail it');
  await dialog.getByRole('button', { name: 'Run the test' }).click();

  const dock = app.getByTestId('test-dock');
  await expect(dock).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-mail')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('node-mail')).toContainText('only pretended');
  await dock.getByRole('button', { name: /Mail it/ }).click();
  const panel = app.getByTestId('properties');
  await expect(panel).toContainText('A letter of 5 characters');
  await everyLook(app, 'test-run-1-done');

  await app.getByTestId('node-count').click();
  await panel.getByRole('tab', { name: 'Test' }).click();
  await panel.getByRole('button', { name: 'Pin this output' }).click();
  await expect(app.getByTestId('node-count')).toHaveAttribute('data-pinned', 'true');
  const pinned = panel.getByLabel('Pinned output');
  await pinned.fill('{"length": 99}');
  await expect.poll(async () => call(app, 'GET', '/definitions/letters/pins')).toMatchObject({ items: [{ node_id: 'count', mock: { output: { length: 99 } } }] });

  await app.getByTestId('node-mail').click();
  await panel.getByRole('tab', { name: 'Test' }).click();
  await panel.getByRole('button', { name: 'Try it' }).click();
  await expect(panel).toContainText('A letter of 99 characters');

  const { items: mails } = await call<{ items: { to: string[] }[] }>(app, 'GET', '/mail');
  expect(mails.filter((mail) => mail.to.includes('ann@example.org'))).toEqual([]);
  const { items: listed } = await call<{ items: unknown[] }>(app, 'GET', '/processes?definition=letters');
  expect(listed).toEqual([]);
});
