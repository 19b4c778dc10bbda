import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

interface Rule {
  when: string[];
  then: unknown[];
}

interface Table {
  inputs: string[];
  outputs: string[];
  rules: Rule[];
  input_columns?: { name?: string; type?: string }[];
}

const document = {
  schema: 1,
  nodes: [
    {
      id: 'start', kind: 'start_event', title: 'Start',
      start: { input_schema: { type: 'object', properties: { kind: { type: 'string', enum: ['sale', 'gift'] }, amount: { type: 'number' } } } },
    },
    {
      id: 'term', kind: 'decision_task', title: 'Term of the check',
      decision: { hit: 'unique', inputs: ['=input.kind', '=input.amount'], outputs: ['days'], rules: [{ when: ['sale', '<= 100'], then: [5] }, { when: ['sale', '> 100'], then: [10] }] },
    },
    { id: 'ask', kind: 'user_task', title: 'Ask the applicant', user: { groups: ['clerks'] } },
    { id: 'end', kind: 'end_event', title: 'Done', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'term' }, { id: 'e2', from: 'term', to: 'ask' }, { id: 'e3', from: 'ask', to: 'end' }],
  layout: { nodes: { start: { x: 0, y: 0 }, term: { x: 120, y: 0 }, ask: { x: 420, y: 0 }, end: { x: 720, y: 0 } } },
};

/** A node of the draft as the server has it. */
async function saved<T>(page: Page, key: string, id: string, member: string): Promise<T> {
  const draft = await call<{ document: { nodes: Record<string, unknown>[] } }>(page, 'GET', `/definitions/${key}/draft`);
  return draft.document.nodes.find((node) => node.id === id)?.[member] as T;
}

test('a decision table is worked on like a spreadsheet', async ({ app: page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: origin() });
  const key = 'sheet';
  await call(page, 'POST', '/definitions', { key, title: 'Terms', document });
  await page.goto(`${origin()}/definitions/${key}`);
  await page.getByTestId('node-term').click();
  await page.getByTestId('open-table').click();
  const grid = page.getByTestId('table-grid');
  const status = page.getByTestId('table-status');
  await expect(grid).toBeFocused();
  const rules = async (): Promise<Rule[]> => (await saved<Table>(page, key, 'term', 'decision')).rules;
  const press = async (...keys: string[]): Promise<void> => {
    for (const each of keys) await page.keyboard.press(each);
  };

  // Typing replaces, F2 goes on, Tab and Enter lead on; the free row becomes a rule.
  await press('ArrowDown', 'ArrowDown');
  await page.keyboard.type('gift');
  await press('Tab');
  await page.keyboard.type('1..');
  await press('Tab');
  await page.keyboard.type('3');
  await press('Enter');
  await expect.poll(rules).toEqual([...document.nodes[1]!.decision!.rules, { when: ['gift', '1..'], then: [3] }]);

  // What the server can't read is told at the cell.
  const broken = grid.getByRole('gridcell', { name: /^input\.amount: 1\.\.$/ });
  await expect(broken).toHaveAttribute('aria-invalid', 'true');
  await status.getByRole('button', { name: /Rule 3/ }).click();
  await expect(status).toContainText("The cell can't be read");
  await press('F2');
  await page.keyboard.type('5');
  await press('Enter');
  await expect(broken).toHaveCount(0);
  await expect(status).toContainText('No rule holds for input.kind = gift, input.amount < 1');

  // The server says which rules hold.
  await page.getByTestId('try-table').click();
  await page.getByLabel('Try input.kind').fill('gift');
  await page.getByLabel('Try input.amount').fill('4');
  await expect(page.getByTestId('tried')).toContainText('Rules that hold: 3');
  await expect(page.getByTestId('tried-days')).toHaveText('3');
  await inBothThemes(page, 'decision-table');

  // A range goes out as tabs and comes back, one rule lower.
  await grid.getByRole('gridcell', { name: 'input.kind: sale' }).first().click();
  await press('Shift+ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Control+c');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('sale\t<= 100\t5\nsale\t> 100\t10');
  await press('Control+End', 'ArrowDown', 'Home', 'Control+v');
  await expect.poll(async () => (await rules()).length).toBe(5);
  await expect(status).toContainText('can hold at once');

  // A column gets a name and a type; moving and removing takes cells along; each is one step back.
  await press('Control+Home', 'ArrowUp', 'Enter');
  await page.getByLabel('Name').fill('Kind of deal');
  await press('Escape');
  await expect(grid).toBeFocused();
  await press('ArrowDown', 'Alt+ArrowRight');
  await expect.poll(async () => (await saved<Table>(page, key, 'term', 'decision')).input_columns).toEqual([{}, { name: 'Kind of deal' }]);
  expect((await rules())[0]).toEqual({ when: ['<= 100', 'sale'], then: [5] });
  await press('Control+Delete', 'Delete');
  await press('Control+z', 'Control+z', 'Control+z', 'Control+z', 'Control+z');
  await expect.poll(rules).toEqual([...document.nodes[1]!.decision!.rules, { when: ['gift', '1..5'], then: [3] }]);
  expect((await saved<Table>(page, key, 'term', 'decision')).input_columns).toBeUndefined();
  await press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a form is built field by field, and what the builder has no words for stays', async ({ app: page }) => {
  const key = 'built-form';
  const odd = { anyOf: [{ type: 'string' }, { minimum: 3, type: 'number' }], 'x-own': 'kept' };
  const form = { type: 'object', properties: { odd, note: { type: 'string', title: 'Note', pattern: '[A-' } }, required: ['odd'], if: { required: ['note'] }, then: { minProperties: 2 } };
  const nodes = document.nodes.map((node) => (node.id === 'ask' ? { ...node, user: { groups: ['clerks'], form } } : node));
  await call(page, 'POST', '/definitions', { key, title: 'Ask', document: { ...document, nodes } });
  await page.goto(`${origin()}/definitions/${key}`);

  // The problem leads to the very field.
  await expect(page.getByTestId('node-ask')).toBeVisible();
  await expect(page.getByRole('button', { name: /problem/ }).first()).toBeVisible();
  await page.keyboard.press('F8');
  const dialog = page.getByTestId('form-dialog');
  const details = page.getByTestId('form-details');
  await expect(details.getByLabel('Label', { exact: true })).toHaveValue('Note');
  await details.getByLabel('Pattern').fill('^[A-Z]');
  await expect(dialog.getByText(/no JSON Schema/)).toHaveCount(0);

  // A choice in two languages, a group inside a list; moved by the keyboard and by the mouse.
  await page.getByTestId('form-add').click();
  await page.getByTestId('form-kind-choice').click();
  await details.getByLabel('Label', { exact: true }).fill('Verdict');
  await details.getByRole('button', { name: 'Texts in both languages' }).click();
  await details.getByLabel('Label in Russian').fill('Решение');
  await details.getByTestId('add-choice').click();
  await details.getByLabel('Value 1').fill('yes');
  await details.getByLabel('Text 1').fill('Accept');
  await page.getByTestId('form-add').click();
  await page.getByTestId('form-kind-list').click();
  await details.getByRole('combobox', { name: 'A list of' }).click();
  await page.getByRole('option', { name: 'Group of fields' }).click();
  await page.getByRole('button', { name: /Add a field inside/ }).click();
  await details.getByLabel('Label', { exact: true }).fill('Age');
  await details.getByRole('combobox', { name: 'Type' }).click();
  await page.getByRole('option', { name: 'Whole number' }).click();
  await details.getByLabel('Not less than').fill('18');
  await page.getByTestId('form-field-new_field').first().focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.getByTestId('form-field-new_field_2').dragTo(page.getByTestId('form-field-odd'), { targetPosition: { x: 40, y: 4 } });

  const preview = page.getByTestId('form-preview');
  await page.getByText('RU', { exact: true }).click();
  await expect(preview.getByText('Решение')).toBeVisible();
  await inBothThemes(page, 'form-builder');

  const wanted = ['new_field_2', 'odd', 'new_field', 'note'];
  await expect.poll(async () => (await saved<{ form: Record<string, unknown> }>(page, key, 'ask', 'user')).form['x-order']).toEqual(wanted);
  const kept = (await saved<{ form: Record<string, unknown> }>(page, key, 'ask', 'user')).form;
  expect(kept.properties).toEqual({
    odd,
    note: { type: 'string', title: 'Note', pattern: '^[A-Z]' },
    new_field: { type: 'string', title: 'Verdict', 'x-title-ru': 'Решение', oneOf: [{ const: 'yes', title: 'Accept' }] },
    new_field_2: { type: 'array', title: 'New field', items: { type: 'object', properties: { new_field: { type: 'integer', title: 'Age', minimum: 18 } }, required: ['new_field'], 'x-order': ['new_field'] } },
  });
  expect([kept.if, kept.then]).toEqual([form.if, form.then]);

  // Text that can't be read is not dropped at once.
  await dialog.getByText('JSON', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'The form as JSON Schema' }).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('x');
  await expect(dialog.getByRole('alert')).toContainText('not a JSON object');
  await page.keyboard.press('Backspace');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
