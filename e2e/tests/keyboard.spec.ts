import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { expect, origin, test } from '../support/session.ts';

/** A drawing of nothing, opened. */
async function blank(page: Page, key: string, title: string): Promise<void> {
  await call(page, 'POST', '/definitions', { key, title, document: { schema: 1, nodes: [], edges: [], layout: {} } });
  await page.goto(`${origin()}/definitions/${key}`);
  await expect(page.getByTestId('empty-start')).toBeVisible();
}

class Keyboard {
  constructor(readonly page: Page) {}

  press(...keys: string[]): Promise<void> {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** Opens the insert dialog by a key, types, takes the first, and waits until the keyboard stands on the new step. */
  async insert(key: string, name: string, id: string): Promise<void> {
    await this.press(key);
    const dialog = this.page.getByRole('dialog');
    await expect(dialog.getByRole('combobox')).toBeFocused();
    await this.page.keyboard.type(name);
    await expect(dialog.getByRole('option').first()).toContainText(name, { ignoreCase: true });
    await this.press('Enter');
    await expect(dialog).toHaveCount(0);
    await this.on(id);
  }

  /** The step has the keyboard. */
  async on(id: string): Promise<void> {
    await expect(this.page.locator(`.react-flow__node[data-id="${id}"]`)).toBeFocused();
  }

  async rename(title: string): Promise<void> {
    await this.press('F2');
    await expect(this.page.getByTestId('properties').getByLabel('Title', { exact: true })).toBeFocused();
    await this.page.keyboard.type(title);
    await this.press('Enter');
  }
}

test('five steps are drawn, configured and published without a mouse', async ({ app }) => {
  await app.emulateMedia({ reducedMotion: 'reduce' });
  const key = `keys-${Date.now()}`;
  await blank(app, key, 'By the keyboard');
  const keyboard = new Keyboard(app);
  const properties = app.getByTestId('properties');

  await test.step('start → script → choice → end', async () => {
    await keyboard.insert('n', 'Start', 'start');
    await keyboard.insert('Control+ArrowRight', 'Script', 'script');
    await keyboard.rename('Count');
    await keyboard.on('script');
    await keyboard.insert('Control+ArrowRight', 'Choice', 'choice');
    await keyboard.insert('Control+ArrowRight', 'End', 'end');
  });

  await test.step('a fifth one beside the end, by the arrows', async () => {
    await keyboard.press('ArrowLeft');
    await keyboard.on('choice');
    await keyboard.insert('Control+ArrowDown', 'Error end', 'error_end');
    await expect(app.locator('.react-flow__edge')).toHaveCount(4);
  });

  await test.step('the script gives a value', async () => {
    await keyboard.press('ArrowLeft', 'ArrowLeft');
    await keyboard.on('script');
    await keyboard.press('Enter');
    await expect(properties.getByRole('button', { name: 'Add a value' })).toBeFocused();
    await keyboard.press('Enter');
    await expect(properties.getByLabel('Name of value')).toBeFocused();
    await app.keyboard.type('total');
    await keyboard.press('Enter');
    await app.keyboard.type('=');
    const editor = properties.getByRole('textbox', { name: 'total', exact: true });
    await expect(editor).toBeFocused();
    await app.keyboard.type('1 + 1');
    await expect(editor).toHaveText('1 + 1');
    await keyboard.press('Escape');
    await keyboard.on('script');
  });

  await test.step('the branches are told apart, the error gets its code', async () => {
    await keyboard.press('ArrowRight');
    await keyboard.on('choice');
    await keyboard.press('Enter');
    const branch = properties.locator('[data-testid^=branch-]').first();
    await branch.getByRole('textbox', { name: 'Condition' }).focus();
    await app.keyboard.type('tasks.script.total == 2');
    await keyboard.press('Escape');
    await keyboard.on('choice');
    // The problem that is left has a mend.
    await keyboard.press('p');
    await expect(app.getByTestId('fix-take_otherwise')).toHaveCount(1);
    await app.getByTestId('fix-take_otherwise').focus();
    await keyboard.press('Enter');
    await keyboard.press('Control+f');
    await expect(app.getByRole('dialog').getByRole('combobox')).toBeFocused();
    await app.keyboard.type('error end');
    await keyboard.press('Enter');
    await keyboard.on('error_end');
    await keyboard.press('Alt+Enter');
    await properties.getByLabel('Code').focus();
    await app.keyboard.type('NOT_TWO');
    await keyboard.press('Escape');
    await keyboard.on('error_end');
    await expect(app.getByTestId('problems-count')).toHaveCount(0);
  });

  await test.step('published', async () => {
    await keyboard.press('Control+Enter');
    const dialog = app.getByRole('dialog');
    await expect(dialog.getByLabel('What changed')).toBeFocused();
    await app.keyboard.type('Without a mouse');
    await keyboard.press('Tab', 'Tab', 'Enter');
    await expect(app.getByText('draft · v1')).toBeVisible();
    const version = await call<{ document: { nodes: { id: string }[] } }>(app, 'GET', `/definitions/${key}/versions/1`);
    expect(version.document.nodes.map((node) => node.id).sort()).toEqual(['choice', 'end', 'error_end', 'script', 'start']);
  });
});

test('shortcuts stand where they stand on the keyboard, whatever is printed on it', async ({ app }) => {
  await app.emulateMedia({ reducedMotion: 'reduce' });
  await blank(app, `layout-${Date.now()}`, 'In the other layout');
  const russian = async (code: string, key: string, held: { control?: boolean } = {}): Promise<void> => {
    await app.evaluate(
      ([place, letter, control]) => {
        const event = new KeyboardEvent('keydown', { code: place, key: letter, ctrlKey: control, bubbles: true, cancelable: true });
        (document.activeElement ?? document.body).dispatchEvent(event);
      },
      [code, key, held.control === true] as const,
    );
  };
  await russian('KeyN', 'т');
  const dialog = app.getByRole('dialog');
  // Typed in the other layout by mistake: "ыефке" is "start".
  await dialog.getByRole('combobox').fill('ыефке');
  await expect(dialog.getByRole('option').first()).toContainText('Start');
  await app.keyboard.press('Enter');
  await expect(app.getByTestId('node-start')).toBeVisible();
  await russian('KeyZ', 'я', { control: true });
  await expect(app.getByTestId('node-start')).toHaveCount(0);
  await russian('KeyY', 'н', { control: true });
  await expect(app.getByTestId('node-start')).toBeVisible();
  await app.getByTestId('node-start').click();
  await russian('KeyC', 'с');
  await expect(app.getByTestId('insert-dialog')).toContainText('No step may follow here');
});

test('what is copied in one tab is pasted in another', async ({ app, context }) => {
  await app.emulateMedia({ reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: origin() });
  const stamp = Date.now();
  const document = {
    schema: 1,
    nodes: [
      { id: 'start', kind: 'start_event', title: 'Start', start: {} },
      { id: 'count', kind: 'script_task', title: 'Count', script: { output: { total: '=1 + 1' } } },
      { id: 'double', kind: 'script_task', title: 'Double', script: { output: { twice: '=tasks.count.total * 2' } } },
      { id: 'ask', kind: 'service_task', title: 'Ask', service: { type: 'mail.send@1', input: { to: 'secret://office', subject: 'Hello', text: 'Twice {{tasks.double.twice}}' } } },
      { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
    ],
    edges: [{ id: 'e1', from: 'start', to: 'count' }, { id: 'e2', from: 'count', to: 'double' }, { id: 'e3', from: 'double', to: 'ask' }, { id: 'e4', from: 'ask', to: 'end' }],
    layout: { nodes: {} },
  };
  for (const key of [`one-${stamp}`, `two-${stamp}`]) await call(app, 'POST', '/definitions', { key, title: key, document });
  await app.goto(`${origin()}/definitions/one-${stamp}`);
  await app.getByTestId('node-count').click();
  await app.keyboard.press('Shift+ArrowRight');
  await app.keyboard.press('Shift+ArrowRight');
  await expect(app.locator('.react-flow__node.selected')).toHaveCount(3);
  await app.keyboard.press('Control+c');

  // A name is dragged from the variables into an expression.
  await app.keyboard.press('Escape');
  await app.getByTestId('node-double').click();
  await app.getByRole('button', { name: 'Variables' }).click();
  const expression = app.getByTestId('properties').locator('[data-field="/script/output/twice"] .cm-content');
  await app.locator('[data-variable="tasks.count.total"]').dragTo(expression);
  await expect(expression).toHaveText(/tasks\.count\.total.*tasks\.count\.total/);
  // A text reads it.
  await app.getByTestId('node-ask').click();
  const subject = app.getByTestId('properties').locator('[data-field="/service/input/subject"] input');
  await app.locator('[data-variable="tasks.double.twice"]').dragTo(subject);
  await expect(subject).toHaveValue('Hello{{tasks.double.twice}}');

  const other = await context.newPage();
  await other.emulateMedia({ reducedMotion: 'reduce' });
  await other.goto(`${origin()}/definitions/two-${stamp}`);
  await expect(other.getByTestId('node-ask')).toBeVisible();
  await other.locator('.tkc').click({ position: { x: 400, y: 60 } });
  await other.keyboard.press('Control+v');
  await expect(other.getByTestId('node-ask_2')).toBeVisible();
  await expect(other.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
  const draft = await call<{ document: { nodes: { id: string; script?: object; service?: { input: object } }[]; edges: { from: string; to: string }[] } }>(other, 'GET', `/definitions/two-${stamp}/draft`);
  const pasted = (id: string) => draft.document.nodes.find((node) => node.id === id);
  // Under new ids, with the readings following, and without the secret.
  expect(pasted('double_2')?.script).toEqual({ output: { twice: '=tasks.count_2.total * 2' } });
  expect(pasted('ask_2')?.service?.input).toEqual({ subject: 'Hello', text: 'Twice {{tasks.double_2.twice}}' });
  expect(draft.document.edges.slice(4).map((edge) => [edge.from, edge.to])).toEqual([['count_2', 'double_2'], ['double_2', 'ask_2']]);
  await other.close();
});
