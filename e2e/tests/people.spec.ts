import { call, publish } from '../support/api.ts';
import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

const clerk = { login: 'clerk', name: 'Vera Clerk', password: 'clerk-password', roles: ['participant'], groups: ['clerks'] };

/** Each part of a package is checked; a clerk reviews it; a returned package waits for a corrected one, at most ten days. */
const registration = {
  schema: 1,
  nodes: [
    {
      id: 'start', kind: 'start_event', title: 'Application',
      start: { input_schema: { type: 'object', required: ['applicant', 'parts'], properties: { applicant: { type: 'string', title: 'Applicant' }, parts: { type: 'integer', title: 'Parts', minimum: 0 } } } },
    },
    { id: 'package', kind: 'sub_process', title: 'Check each part', multi: { items: '=input.parts', limit: 2, collect: '=result.pages' } },
    { id: 'begin', kind: 'start_event', title: '', parent: 'package' },
    { id: 'inspect', kind: 'service_task', title: 'Inspect', parent: 'package', service: { type: 'demo.step@1', input: { sleep_ms: 300 } } },
    { id: 'inspected', kind: 'end_event', title: '', parent: 'package', end: { kind: 'none', output: { pages: '=index + 1' } } },
    { id: 'broken', kind: 'boundary_event', title: 'Broken', boundary: { on: 'package', kind: 'error' } },
    { id: 'term', kind: 'decision_task', title: 'Term', decision: { hit: 'first', inputs: ['=tasks.package.total'], outputs: ['days'], rules: [{ when: ['> 2'], then: [10] }, { when: ['-'], then: [5] }] } },
    {
      id: 'review', kind: 'user_task', title: 'Review the package', doc: 'Is every part legible and signed?\nA returned package goes back to the applicant.',
      user: {
        groups: ['clerks'], input: { applicant: '=input.applicant', parts: '=tasks.package.total', term_in_days: '=tasks.term.days', corrected: '=tasks.corrected' },
        form: { type: 'object', required: ['accepted'], properties: { accepted: { type: 'boolean', title: 'Accept the package' }, remark: { type: 'string', title: 'Remark', format: 'multiline' } } },
        due: { kind: 'duration', value: 'P{{tasks.term.days}}D' },
      },
    },
    { id: 'slow', kind: 'boundary_event', title: 'A day later', boundary: { on: 'review', kind: 'timer', keeps_running: true, timer: { kind: 'duration', value: 'P1D' } } },
    { id: 'decide', kind: 'exclusive_gateway', title: 'Accepted?' },
    { id: 'wait', kind: 'event_gateway', title: '' },
    { id: 'corrected', kind: 'message_event', title: 'Corrected package', message: { name: 'corrected', key: '=process.custom_id' } },
    { id: 'late', kind: 'timer_event', title: 'Ten days', timer: { kind: 'duration', value: 'P10D' } },
    { id: 'registered', kind: 'end_event', title: 'Accepted', end: { kind: 'none' } },
    { id: 'reminded', kind: 'end_event', title: 'Reminded', end: { kind: 'none' } },
    { id: 'refused', kind: 'end_event', title: 'Refused', end: { kind: 'error', code: 'NOT_CORRECTED' } },
    { id: 'unreadable', kind: 'end_event', title: 'Unreadable', end: { kind: 'error', code: 'UNREADABLE' } },
  ],
  edges: [
    { id: 'i1', from: 'begin', to: 'inspect' }, { id: 'i2', from: 'inspect', to: 'inspected' },
    { id: 'e1', from: 'start', to: 'package' }, { id: 'e2', from: 'package', to: 'term' }, { id: 'e3', from: 'term', to: 'review' },
    { id: 'e4', from: 'review', to: 'decide' }, { id: 'e5', from: 'decide', to: 'registered', title: 'yes', condition: '=tasks.review.accepted' },
    { id: 'e6', from: 'decide', to: 'wait', title: 'no', default: true }, { id: 'e7', from: 'wait', to: 'corrected' }, { id: 'e8', from: 'wait', to: 'late' },
    { id: 'e9', from: 'corrected', to: 'review' }, { id: 'e10', from: 'late', to: 'refused' }, { id: 'e11', from: 'broken', to: 'unreadable' }, { id: 'e12', from: 'slow', to: 'reminded' },
  ],
  layout: { nodes: {} },
};

test('a clerk returns a package, and accepts the corrected one', async ({ app, browser }) => {
  await publish(app, 'registration', 'Registration of rights', registration);
  await call(app, 'POST', '/users', clerk);

  await app.goto(`${origin()}/definitions/registration`);
  await expect(app.getByTestId('node-review')).toBeVisible();
  await app.getByTestId('action-tidy').click();
  await expect(app.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
  await app.getByRole('button', { name: 'Show all' }).click();
  await app.getByTestId('node-term').click();
  await expect(app.getByTestId('properties')).toContainText('Which rules count');
  await everyLook(app, 'people-1-drawing');

  const { id } = await call<{ id: string }>(app, 'POST', '/processes', { definition: 'registration', custom_id: 'A-17', input: { applicant: 'Anna Petrova', parts: 5 } });
  await app.goto(`${origin()}/processes/${id}`);
  await expect(app.getByTestId('tree-row-review')).toHaveAttribute('data-state', 'waiting', { timeout: 30_000 });
  await everyLook(app, 'people-2-process');

  // The clerk sees the inbox, and nothing of the rest.
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 }, locale: 'en-US' });
  await page.goto(origin());
  await page.getByLabel('Login').fill(clerk.login);
  await page.getByRole('textbox', { name: 'Password' }).fill(clerk.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/tasks/);
  await expect(page.getByRole('link', { name: 'Processes' })).toHaveCount(0);
  const task = page.getByTestId('user-task');
  await expect(task).toContainText('Anna Petrova');
  await expect(task.getByRole('button', { name: 'Complete' })).toHaveCount(0);
  await task.getByRole('button', { name: 'Take the task' }).click();
  await expect(task.getByRole('button', { name: 'Complete' })).toBeVisible();
  await everyLook(page, 'people-3-inbox');
  await task.getByLabel('Remark').fill('The second part is not signed.');
  await task.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText('Nothing to do')).toBeVisible();

  await expect(app.getByTestId('tree-row-wait')).toHaveAttribute('data-state', 'waiting');
  await app.getByTestId('tree-row-wait').click();
  await expect(app.getByRole('complementary', { name: 'Details' })).toContainText(/waits for the message corrected \(A-17\), until/);
  await call(app, 'POST', '/messages', { name: 'corrected', key: 'A-17', payload: { by: 'mail' } });
  await expect(page.getByTestId('user-task-row')).toHaveCount(1);
  await task.getByRole('button', { name: 'Take the task' }).click();
  await expect(task.getByRole('button', { name: 'Complete' })).toBeVisible();
  await task.getByRole('switch', { name: 'Accept the package' }).press('Space');
  await expect(task.getByRole('switch', { name: 'Accept the package' })).toBeChecked();
  await task.getByRole('button', { name: 'Complete' }).click();
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
  await everyLook(app, 'people-4-accepted');
  await page.close();
});
