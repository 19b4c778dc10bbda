import { call, publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

const place = (...ids: string[]) => ({ nodes: Object.fromEntries(ids.map((id, index) => [id, { x: 80 + index * 300, y: 220 }])) });

/** Asks a registry, which fails for good at first unless the process is asked not to. */
const inquiry = {
  schema: 1,
  nodes: [
    {
      id: 'start', kind: 'start_event', title: 'Parcel',
      start: { input_schema: { type: 'object', required: ['parcel'], properties: { parcel: { type: 'string', title: 'Parcel' }, fails: { type: 'integer', title: 'Fails' } } } },
    },
    { id: 'ask_registry', kind: 'service_task', title: 'Ask the registry', service: { type: 'demo.step@1', input: { fail_times: '=input.fails ?? 0', fail_class: 'permanent', fail_code: 'REGISTRY_AWAY' } } },
    { id: 'asked', kind: 'end_event', title: 'Answered', end: { kind: 'none', output: { owner: 'Petrova' } } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'ask_registry' }, { id: 'e2', from: 'ask_registry', to: 'asked' }],
  layout: place('start', 'ask_registry', 'asked'),
};

const sale = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Sale', start: { input_schema: { type: 'object', properties: { parcel: { type: 'string', title: 'Parcel' } } } } },
    { id: 'ask_owner', kind: 'call_activity', title: 'Who owns it?', call: { definition: '' } },
    { id: 'ask_neighbours', kind: 'call_activity', title: 'Ask about neighbours', multi: { items: ['77:02', '77:03', '77:04', '77:05'] }, call: { definition: 'inquiry', input: { parcel: '=item' }, custom_id: '{{process.custom_id}}/{{item}}' } },
    { id: 'sold', kind: 'end_event', title: 'Sold', end: { kind: 'none', output: { owner: '=tasks.ask_owner.owner' } } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'ask_owner' }, { id: 'e2', from: 'ask_owner', to: 'ask_neighbours' }, { id: 'e3', from: 'ask_neighbours', to: 'sold' }],
  layout: place('start', 'ask_owner', 'ask_neighbours', 'sold'),
};

test('a process calls others; what goes wrong in one is seen and mended from its caller', async ({ app }) => {
  await publish(app, 'inquiry', 'Inquiry to the registry', inquiry);
  await call(app, 'POST', '/definitions', { key: 'sale', title: 'Sale of a parcel', document: sale });

  // The analyst chooses what is called, and says what it gets.
  await app.goto(`${origin()}/definitions/sale`);
  await app.getByTestId('node-ask_owner').click();
  const panel = app.getByTestId('properties');
  await panel.getByTestId('call-definition').click();
  await app.getByRole('option', { name: 'Inquiry to the registry' }).click();
  await expect(panel).toContainText('owner, read as tasks.ask_owner');
  await panel.locator('[data-field="/call/input/parcel"]').getByRole('textbox').fill('77:01');
  await panel.locator('[data-field="/call/input/fails"]').getByRole('textbox').fill('1');
  await app.getByTestId('node-ask_owner').click();
  await expect(app.getByTestId('node-ask_owner')).toContainText('inquiry');
  await expect(app.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
  await everyLook(app, 'call-1-panel');
  const draft = await call<{ revision: number; issues: unknown[] }>(app, 'GET', '/definitions/sale/draft');
  expect(draft.issues).toEqual([]);
  await call(app, 'POST', '/definitions/sale/publish', { note: 'first' }, { 'If-Match': `"${draft.revision}"` });

  const { id } = await call<{ id: string }>(app, 'POST', '/processes', { definition: 'sale', custom_id: 'SALE-1', input: {} });
  await app.goto(`${origin()}/processes/${id}`);
  const called = app.getByTestId('tree-called');
  await expect(called).toHaveAttribute('data-state', 'incident');
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'running');
  await expect(app.getByTestId('incidents-below')).toBeVisible();
  await expect(app.getByTestId('tree-row-ask_owner')).toContainText('1 incident');
  await app.getByTestId('tree-row-ask_registry').click();
  await expect(app.getByTestId('error-card')).toContainText('REGISTRY_AWAY');
  await everyLook(app, 'call-2-incident-below');

  await app.getByTestId('called-details').getByRole('button', { name: 'Edit and retry' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.locator('[name="fail_times"], [id$="fail_times"]').first().fill('0');
  await dialog.getByLabel('Reason').fill('the registry is back');
  await dialog.getByRole('button', { name: /retry/i }).last().click();
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  await expect(app.getByTestId('incidents-below')).toHaveCount(0);
  await everyLook(app, 'call-3-ended');

  // Up from a called process, and the list without those.
  await app.getByTestId('called-details').getByRole('link', { name: 'Open its page' }).click();
  await expect(app.getByTestId('tree-root')).toContainText('Inquiry to the registry');
  await app.getByLabel('breadcrumb').getByRole('link', { name: 'Sale of a parcel' }).click();
  await expect(app.getByTestId('tree-root')).toContainText('Sale of a parcel');
  await app.goto(`${origin()}/processes?custom_id_prefix=SALE-1`);
  await expect(app.getByTestId('process-row')).toHaveCount(6);
  await everyLook(app, 'call-4-list');
  await app.getByRole('button', { name: 'Not called by others' }).click();
  await expect(app.getByTestId('process-row')).toHaveCount(1);
});
