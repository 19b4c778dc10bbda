import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { behave, decide } from '../support/office.ts';
import { expect, origin, registry, test } from '../support/session.ts';

interface Process {
  id: string;
  state: string;
  error_code?: string;
  output?: Record<string, unknown>;
  taken_edges: string[];
}

interface Application {
  applicant: string;
  email: string;
  kind: string;
  cadastral_number: string;
  files: { name: string }[];
}

async function found(app: Page, definition: string, customId: string): Promise<string> {
  let id = '';
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { id: string }[] }>(app, 'GET', `/processes?custom_id=${customId}&definition=${definition}`);
      id = items[0]?.id ?? '';
      return id;
    }, { timeout: 60_000 })
    .not.toBe('');
  return id;
}

async function start(app: Page, definition: string, customId: string, input: object): Promise<string> {
  return (await call<{ id: string }>(app, 'POST', '/processes', { definition, custom_id: customId, input })).id;
}

/** Lets the time that a node waits for come now. */
async function fire(app: Page, id: string, node: string, timer: string): Promise<void> {
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { id: string; node_id: string; state: string }[] }>(app, 'GET', `/processes/${id}/tasks?limit=200`);
      const waiting = items.find((task) => task.node_id === node && task.state === 'waiting');
      if (waiting === undefined) return false;
      // Another look may show a wait that has just ended.
      return call(app, 'POST', `/processes/${id}/tasks/${waiting.id}/fire`, { node: timer, reason: 'nobody comes' }).then(
        () => true,
        () => false,
      );
    }, { timeout: 90_000 })
    .toBe(true);
}

/** Waits for the end of a process and holds that it is this one. */
async function ends(app: Page, id: string, end: string, code?: string): Promise<Process> {
  let process = await call<Process>(app, 'GET', `/processes/${id}`);
  await expect
    .poll(async () => {
      process = await call<Process>(app, 'GET', `/processes/${id}`);
      return process.state;
    }, { timeout: 90_000 })
    .toBe(code === undefined ? 'completed' : 'failed');
  expect(process.error_code).toBe(code);
  const { document } = await call<{ document: { edges: { id: string; to: string }[] } }>(app, 'GET', `/processes/${id}/graph`);
  expect(document.edges.filter((edge) => process.taken_edges.includes(edge.id)).map((edge) => edge.to)).toContain(end);
  return process;
}

test('each process of the registry reaches each of its ends on a bus with faults, while people decide', async ({ app }) => {
  const { input: whole } = await call<{ input: Application }>(app, 'GET', `/processes/${await found(app, 'rights-registration', '2026-1010')}`);
  const documents = (of: Application) => of.files.filter((file) => !file.name.endsWith('.p7s'));
  const missing = documents(whole).at(-1)?.name ?? '';
  const lacking = { ...whole, files: whole.files.filter((file) => file.name !== missing) };
  const run = Date.now();
  const name = (what: string) => `${what}-${run}`;
  const check = (what: string, of: Application) =>
    start(app, 'document-check', name(what), { applicant: of.applicant, email: of.email, kind: of.kind, files: documents(of) });
  const register = (what: string, files = whole.files) => start(app, 'rights-registration', name(what), { ...whole, files });
  const ask = (what: string, more: object = {}) =>
    start(app, 'registry-request', name(what), { application: name(what), kind: 'parcel', cadastral_number: whole.cadastral_number, ...more });

  // A registry that is silent and sees no payment; packages that lack a document.
  await behave(app, { unpaid: '1', silent: '1' });
  const unpaid = await register('unpaid');
  const unsigned = await register('unsigned', whole.files.filter((file) => file.name !== 'application.xml.p7s'));
  const byHand = await ask('by-hand', { patience: 'PT1S' });
  const givenUp = await ask('given-up', { patience: 'PT1S' });
  const again = await ask('again');
  const inOrder = await check('in-order', whole);
  const late = await check('late', lacking);
  const corrected = await check('corrected', lacking);
  await decide(app, name('late'), 'Accept or return?', 'Return');
  await decide(app, name('corrected'), 'Accept or return?', 'Return');
  await fire(app, late, 'wait', 'deadline');
  await call(app, 'POST', '/messages', { name: 'package.corrected', key: name('corrected'), payload: { files: documents(whole) } });
  await decide(app, name('by-hand'), 'The registry is silent', 'Answer by hand');
  await decide(app, name('given-up'), 'The registry is silent', 'Give up');
  await fire(app, unpaid, 'fee_wait', 'fee_late');
  for (let silence = 0; silence < 3; silence++) await fire(app, again, 'wait', 'silence');
  await ends(app, unpaid, 'not_paid');
  await ends(app, unsigned, 'returned');
  await ends(app, byHand, 'by_hand');
  await ends(app, givenUp, 'silent', 'REGISTRY_SILENT');
  await ends(app, inOrder, 'accepted');
  expect((await ends(app, late, 'returned')).output).toMatchObject({ accepted: false, round: 1 });
  expect((await ends(app, corrected, 'accepted')).output).toMatchObject({ accepted: true, round: 2 });

  // One that answers: the registrar refuses one, suspends another and approves it later.
  await behave(app);
  const [suspended, refused, noEntry, noExtract] = [await register('suspended'), await register('refused'), await register('no-entry'), await register('no-extract')];
  await decide(app, name('again'), 'The registry is silent', 'Ask again');
  await decide(app, name('refused'), 'Legal examination', 'Refuse');
  await decide(app, name('suspended'), 'Legal examination', 'Suspend');
  await call(app, 'POST', '/messages', { name: 'registration.resumed', key: name('suspended'), payload: {} });
  await decide(app, name('suspended'), 'Legal examination', 'Approve');
  await ends(app, again, 'known');
  await ends(app, refused, 'refused');
  await ends(app, suspended, 'registered');

  // One that refuses: information, what it can't read, an entry, at last an extract of an entry that is made.
  for (const what of ['no-entry', 'no-extract']) {
    await app.goto(`${origin()}/tasks?q=${name(what)}`);
    await expect(app.getByTestId('user-task-row')).toHaveCount(1, { timeout: 60_000 });
  }
  await behave(app, { refuse: '1', fail_entry: '1' });
  const restricted = await ask('restricted');
  const nowhere = await ask('nowhere', { cadastral_number: 'no number' });
  const notTaken = await ask('not-taken', { cadastral_number: ' ' });
  await decide(app, name('no-entry'), 'Legal examination', 'Approve');
  await ends(app, noEntry, 'refused');
  await ends(app, restricted, 'refused', 'REGISTRY_REFUSED');
  await ends(app, nowhere, 'not_found', 'REGISTRY_NOT_FOUND');
  await ends(app, notTaken, 'not_taken_end', 'REGISTRY_REFUSED');
  await behave(app, { fail_extract: '1' });
  await decide(app, name('no-extract'), 'Legal examination', 'Approve');
  await ends(app, noExtract, 'refused');
  await behave(app);

  // What the registry asked about signatures at the first start, and an answer that it did not ask for.
  for (const [question, accepted] of [['gkn-1', true], ['gkn-3', false]] as const) {
    expect((await ends(app, await found(app, 'cadastre-signatures', question), 'sent')).output).toMatchObject({ accepted });
    expect((await ends(app, await found(app, 'signature-check', question), 'end')).output).toMatchObject({ accepted });
  }
  await call(app, 'POST', '/messages', {
    name: 'cadastre.signature.request', key: '', payload: { key: name('nobody'), message_id: name('nobody'), attachments: whole.files },
  });
  await ends(app, await found(app, 'cadastre-signatures', name('nobody')), 'nobody', 'VERDICT_REFUSED');

  // What was done is undone in reverse, and the register has each entry once.
  await app.goto(`${origin()}/processes/${noExtract}`);
  for (const node of ['withdraw', 'refund', 'refused']) await expect(app.getByTestId(`node-${node}`)).toHaveAttribute('data-state', 'completed');
  await app.goto(registry());
  const entries = (what: string) => app.locator(`tr[data-application="${name(what)}"]`);
  await expect(entries('suspended')).toHaveCount(1);
  await expect(entries('suspended')).toHaveAttribute('data-state', 'stands');
  await expect(entries('no-extract')).toHaveCount(1);
  await expect(entries('no-extract')).toHaveAttribute('data-state', 'withdrawn');
  for (const what of ['unpaid', 'unsigned', 'refused', 'no-entry']) await expect(entries(what)).toHaveCount(0);
});
