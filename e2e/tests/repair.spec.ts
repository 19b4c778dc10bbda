import { call, publish } from '../support/api.ts';
import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

/** A check, then an answer that comes by message or is given up after ten days. */
const request = (last: string) => ({
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Request', start: { input_schema: { type: 'object', properties: {} } } },
    { id: 'check', kind: 'service_task', title: 'Check the request', service: { type: 'demo.step@1', input: { sleep_ms: 50 } } },
    { id: 'wait', kind: 'event_gateway', title: 'Answer or ten days' },
    { id: 'answer', kind: 'message_event', title: 'Answer', message: { name: 'answer', key: '=process.custom_id' } },
    { id: 'late', kind: 'timer_event', title: 'Ten days', timer: { kind: 'duration', value: 'P10D' } },
    { id: 'notify', kind: 'service_task', title: last, service: { type: 'demo.step@1', input: { sleep_ms: 50 } } },
    { id: 'told', kind: 'end_event', title: 'Told', end: { kind: 'none' } },
    { id: 'dropped', kind: 'end_event', title: 'Dropped', end: { kind: 'none' } },
  ],
  edges: [
    { id: 'e1', from: 'start', to: 'check' }, { id: 'e2', from: 'check', to: 'wait' }, { id: 'e3', from: 'wait', to: 'answer' }, { id: 'e4', from: 'wait', to: 'late' },
    { id: 'e5', from: 'answer', to: 'notify' }, { id: 'e6', from: 'notify', to: 'told' }, { id: 'e7', from: 'late', to: 'dropped' },
  ],
  layout: {
    nodes: {
      start: { x: 0, y: 100 }, check: { x: 100, y: 90 }, wait: { x: 320, y: 98 }, answer: { x: 440, y: 40 }, late: { x: 440, y: 170 },
      notify: { x: 540, y: 30 }, told: { x: 780, y: 40 }, dropped: { x: 560, y: 170 },
    },
  },
});

test('support moves a process to another version, takes it back a step, and lets what it waits for come', async ({ app }) => {
  await publish(app, 'request', 'Registry request', request('Tell the applicant'));
  const start = async (id: string) =>
    (await call<{ id: string }>(app, 'POST', '/processes', { definition: 'request', custom_id: id, input: {} }, { 'Idempotency-Key': id })).id;
  const first = await start('request-1');
  const second = await start('request-2');
  const draft = await call<{ revision: number }>(app, 'GET', '/definitions/request/draft');
  const saved = await call<{ revision: number }>(app, 'PUT', '/definitions/request/draft', request('Write to the applicant'), { 'If-Match': `"${draft.revision}"` });
  await call(app, 'POST', '/definitions/request/publish', { note: 'by letter' }, { 'If-Match': `"${saved.revision}"` });
  const dialog = app.getByRole('dialog');

  await app.goto(`${origin()}/processes/${first}`);
  await expect(app.getByTestId('node-wait')).toHaveAttribute('data-state', 'waiting');

  await test.step('another version', async () => {
    await app.getByRole('button', { name: 'More' }).click();
    await app.getByRole('menuitem', { name: 'Move to another version…' }).click();
    await expect(dialog.getByTestId('plan-allowed')).toContainText('It fits: 1 open task goes on');
    await inBothThemes(app, 'repair-1-version-en');
    await dialog.getByLabel('Reason').fill('the letter is law now');
    await dialog.getByRole('button', { name: 'Move' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(app.getByTestId('process-page')).toContainText('v2');
    await expect(app.getByTestId('node-notify')).toContainText('Write to the applicant');
  });

  await test.step('back a step', async () => {
    await app.getByTestId('node-check').click();
    await app.getByTestId('details').getByRole('button', { name: 'Restart from here…' }).click();
    await expect(dialog.getByTestId('plan-check')).toHaveAttribute('data-fate', 'begins');
    await expect(dialog.getByTestId('plan-wait')).toHaveAttribute('data-fate', 'stopped');
    await expect(dialog).toContainText('1 open task is cancelled.');
    await inBothThemes(app, 'repair-2-restart-from-en');
    await dialog.getByLabel('Reason').fill('checked against the wrong parcel');
    await dialog.getByRole('button', { name: 'Restart from here' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(app.getByTestId('tree-row-check').last()).toContainText('run 2');
  });

  await test.step('the message', async () => {
    await app.getByTestId('node-wait').click();
    await everyLook(app, 'repair-3-waits');
    await app.getByTestId('details').getByRole('button', { name: 'Send the message…' }).click();
    await expect(dialog.getByLabel('Correlation key')).toHaveValue('request-1');
    await dialog.getByLabel('Reason').fill('it came by post');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  });

  await test.step('the time', async () => {
    await app.goto(`${origin()}/processes/${second}`);
    await app.getByTestId('node-wait').click();
    await app.getByTestId('details').getByRole('button', { name: 'Let the time come' }).click();
    await dialog.getByLabel('Reason').fill('the applicant withdrew');
    await dialog.getByRole('button', { name: 'Now' }).click();
    await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
    await expect(app.getByTestId('node-dropped')).toHaveAttribute('data-state', 'completed');
  });

  await test.step('an ended process begins anew from a step', async () => {
    await app.getByTestId('node-check').click();
    await app.getByTestId('details').getByRole('button', { name: 'Restart from here…' }).click();
    await expect(dialog).toContainText('a new one, linked with it');
    await dialog.getByLabel('Reason').fill('the applicant came back');
    await dialog.getByRole('button', { name: 'Restart from here' }).click();
    await expect(app).not.toHaveURL(new RegExp(second));
    await expect(app.getByTestId('node-wait')).toHaveAttribute('data-state', 'waiting');
  });
});
