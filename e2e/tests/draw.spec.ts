import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { expect, origin, pdf, test, xml } from '../support/session.ts';

const screens = path.resolve(import.meta.dirname, '../output/screens');

/** A picture of the page as it stands, in both languages and both themes, chosen as a person chooses them. */
async function everyLook(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true });
  for (const [language, code] of [
    ['Русский', 'ru'],
    ['English', 'en'],
  ] as const) {
    await page.getByRole('button', { name: /^(Language|Язык)/ }).click();
    await page.getByRole('menuitem', { name: language }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', code);
    await expect(page.getByRole('menu')).toHaveCount(0);
    // The pointer leaves what it would keep highlighted.
    await page.mouse.move(720, 2);
    for (const scheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
      await page.screenshot({ path: path.join(screens, `draw-${name}-${code}-${scheme}.png`), animations: "disabled" });
    }
  }
}

/** The designer as a person uses it: palette, canvas, properties. */
class Designer {
  readonly properties: Locator;

  constructor(readonly page: Page) {
    this.properties = page.getByTestId('properties');
  }

  node(id: string): Locator {
    return this.page.getByTestId(`node-${id}`);
  }

  /** Shows the whole graph and clicks one node of it. */
  async select(id: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Show all' }).click();
    await this.node(id).click();
    await expect(this.properties.getByTestId('node-id')).toHaveText(id);
  }

  /** A click in the palette puts a step after the selected one. */
  async put(item: string): Promise<void> {
    await this.page.getByTestId(`palette-${item}`).click();
  }

  /** Gives the selected step a title and an id. */
  async call(title: string, id: string): Promise<void> {
    await this.properties.getByLabel('Title', { exact: true }).fill(title);
    await this.properties.getByTestId('node-id').click();
    const field = this.properties.getByLabel('Id', { exact: true });
    await field.fill(id);
    await field.press('Enter');
    await expect(this.properties.getByTestId('node-id')).toHaveText(id);
    await expect(this.node(id)).toBeVisible();
  }

  /** Leads a flow from the selected step to another one, by the keyboard. */
  async connect(from: string, to: string): Promise<void> {
    await this.select(from);
    await this.page.keyboard.press('c');
    const list = this.page.getByRole('dialog');
    await list.getByRole('textbox').fill(to);
    await list.getByTestId(`insert-${to}`).click();
    await expect(list).toHaveCount(0);
  }

  /** Turns a field into an expression and types it, closing the completion list. */
  async fx(label: string, source: string): Promise<void> {
    const toggle = this.properties.getByRole('button', { name: `Expression for ${label}` });
    if ((await toggle.getAttribute('aria-pressed')) !== 'true') await toggle.click();
    await this.type(this.properties.getByRole('textbox', { name: label, exact: true }), source);
  }

  async type(editor: Locator, source: string): Promise<void> {
    await editor.click();
    await editor.fill(source);
    await expect(editor).toHaveText(source);
    await editor.blur();
  }

  async addInput(kind: string, title: string, name: string): Promise<void> {
    await this.page.getByTestId('add-input-field').click();
    await this.page.getByTestId(`input-kind-${kind}`).click();
    const card = this.page.getByTestId('input-field-new_field');
    await card.getByLabel('Title', { exact: true }).fill(title);
    const field = card.getByLabel('Name in expressions');
    await field.fill(name);
    await field.blur();
    await expect(this.page.getByTestId(`input-field-${name}`)).toContainText(title);
  }

  undo(): Locator {
    return this.page.getByTestId('action-undo');
  }

  redo(): Locator {
    return this.page.getByTestId('action-redo');
  }

  async saved(): Promise<void> {
    await expect(this.page.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
  }
}

test('an analyst draws the document check from an empty canvas, publishes it and starts it with real files', async ({ app }) => {
  const designer = new Designer(app);
  const stamp = Date.now();
  const title = `Document check ${stamp}`;
  const key = `document-check-${stamp}`;

  await test.step('a new definition', async () => {
    await app.goto(`${origin()}/definitions`);
    await app.getByRole('button', { name: 'New definition' }).click();
    const dialog = app.getByRole('dialog');
    await dialog.getByLabel('Title').fill(title);
    await expect(dialog.getByLabel('Key')).toHaveValue(key);
    await dialog.getByTestId('template-blank').click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(app).toHaveURL(`${origin()}/definitions/${key}`);
    await expect(designer.node('start')).toBeVisible();
  });

  await test.step('an empty canvas', async () => {
    await app.getByTestId('canvas').press('Control+a');
    await app.getByTestId('canvas').press('Delete');
    await expect(app.getByTestId('empty-start')).toBeVisible();
    await expect(designer.undo()).toHaveAccessibleName('Undo: delete 2 steps');
    await everyLook(app, '1-empty');
  });

  await test.step('a start and what a process needs', async () => {
    await designer.put('start_event');
    await designer.call('Application received', 'received');
    await designer.addInput('text', 'Applicant', 'applicant');
    await designer.addInput('email', 'E-mail', 'email');
    await designer.addInput('file', 'Application', 'application');
    await designer.addInput('file', 'Document', 'document');
    await everyLook(app, '2-start');
  });

  await test.step('two inspections at once', async () => {
    await designer.put('parallel_gateway');
    await designer.call('', 'split');
    await designer.put('document.inspect@1');
    await designer.call('Inspect the application', 'inspect_application');
    await designer.select('split');
    await designer.put('document.inspect@1');
    await designer.call('Inspect the document', 'inspect_document');
    await designer.put('parallel_gateway');
    await designer.call('', 'join');
    await designer.connect('inspect_application', 'join');
  });

  await test.step('a choice, a letter and the ends', async () => {
    await designer.select('join');
    await designer.put('exclusive_gateway');
    await designer.call('In order?', 'decide');
    await designer.put('mail.send@1');
    await designer.call('Tell that it was accepted', 'tell');
    await designer.put('end_event');
    await designer.call('Accepted', 'accepted');
    await designer.select('decide');
    await designer.put('end_event');
    await designer.call('Returned', 'returned');
  });

  await test.step('the history says what was done, undoes it and does it again', async () => {
    await expect(designer.undo()).toHaveAccessibleName('Undo: rename end to returned');
    await designer.undo().click();
    await expect(designer.undo()).toHaveAccessibleName('Undo: rename to “Returned”');
    await designer.undo().click();
    await expect(designer.undo()).toHaveAccessibleName('Undo: add “End”');
    await app.getByTestId('canvas').press('Control+z');
    await expect(designer.node('end')).toHaveCount(0);
    await expect(designer.redo()).toHaveAccessibleName('Redo: add “End”');
    for (const next of ['rename to “Returned”', 'rename end to returned']) {
      await designer.redo().click();
      await expect(designer.redo()).toHaveAccessibleName(`Redo: ${next}`);
    }
    await designer.redo().click();
    await expect(designer.redo()).toBeDisabled();
    await expect(designer.node('returned')).toBeVisible();
  });

  await test.step('tidied up, with the problems that are left', async () => {
    await app.getByTestId('action-tidy').click();
    await expect(designer.undo()).toHaveAccessibleName('Undo: tidy up');
    await expect(app.getByTestId('mark-inspect_application')).toBeVisible();
    await expect(app.getByTestId('mark-tell')).toBeVisible();
    await app.getByTestId('problems-count').click();
    await expect(app.getByTestId('problems-dock')).toContainText('Inspect the application');
    await everyLook(app, '3-problems');
  });

  await test.step('filling in makes the problems vanish', async () => {
    for (const [id, file] of [
      ['inspect_application', 'input.application'],
      ['inspect_document', 'input.document'],
    ] as const) {
      await designer.select(id);
      await designer.fx('File', file);
      await designer.properties.getByText('Strict').click();
      await expect(app.getByTestId(`mark-${id}`)).toHaveCount(0);
    }
    await designer.select('decide');
    const branches = designer.properties.locator('[data-testid^=branch-]');
    const accepted = branches.filter({ hasText: 'Tell that it was accepted' });
    await accepted.getByLabel('Label').fill('in order');
    await designer.type(
      accepted.getByRole('textbox', { name: 'Condition' }),
      'tasks.inspect_application.valid && tasks.inspect_document.valid',
    );
    await branches.filter({ hasText: 'Returned' }).getByRole('button', { name: 'Take it otherwise' }).click();
    await expect(app.getByTestId('mark-decide')).toHaveCount(0);
    await everyLook(app, '4-choice');

    await designer.select('tell');
    await designer.fx('To', 'input.email');
    await designer.properties.getByRole('textbox', { name: 'Subject' }).fill('Application {{process.custom_id}} is accepted');
    await designer.properties.getByRole('textbox', { name: 'Text' }).fill('Dear {{input.applicant}},\n\nyour application is in order.\n');
    await expect(app.getByTestId('mark-tell')).toHaveCount(0);
    await expect(app.getByTestId('problems-count')).toHaveCount(0);
    await expect(app.getByTestId('problems-dock')).toContainText('Nothing stands in the way of publishing.');
    await everyLook(app, '5-ready');
  });

  await test.step('the draft outlives a reload', async () => {
    await designer.saved();
    await app.reload();
    await designer.select('tell');
    await expect(designer.properties.getByRole('textbox', { name: 'Subject' })).toHaveValue('Application {{process.custom_id}} is accepted');
    await expect(app.getByText('never published')).toBeVisible();
    await designer.saved();
  });

  await test.step('published with a note', async () => {
    await app.getByRole('button', { name: 'Publish', exact: true }).click();
    const dialog = app.getByRole('dialog');
    await dialog.getByLabel('What changed').fill('Drawn from an empty canvas');
    await everyLookInDialog(app, '6-publish');
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await expect(app.getByText('draft · v1')).toBeVisible();
    await app.getByRole('button', { name: 'Versions', exact: true }).click();
    await expect(app.getByTestId('version-1')).toContainText('Drawn from an empty canvas');
    await app.keyboard.press('Escape');
    await expect(app.getByTestId('version-1')).toHaveCount(0);
  });

  const customId = `drawn-${stamp}`;
  const applicant = 'Иванов Пётр';
  const email = `drawn-${stamp}@example.org`;
  await test.step('started with two real files', async () => {
    const application = await xml(app, applicant);
    const lease = await pdf(app, 'A lease');
    await app.getByRole('link', { name: 'Start', exact: true }).click();
    await app.getByLabel('customId').fill(customId);
    await app.getByLabel('Applicant').fill(applicant);
    await app.getByLabel('E-mail').fill(email);
    const files = app.locator('input[type=file]');
    await files.nth(0).setInputFiles({ name: 'application.xml', mimeType: 'text/xml', buffer: Buffer.from(application) });
    await files.nth(1).setInputFiles({ name: 'lease.pdf', mimeType: 'application/pdf', buffer: lease });
    await expect(app.getByText('application.xml')).toBeVisible();
    await expect(app.getByText('lease.pdf')).toBeVisible();
    await everyLook(app, '7-start-form');
    await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  });

  await test.step('it ends by the accepted branch', async () => {
    await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
    for (const id of ['inspect_application', 'inspect_document', 'tell', 'accepted']) {
      await expect(designer.node(id)).toHaveAttribute('data-state', 'completed');
    }
    await expect(designer.node('returned')).not.toHaveAttribute('data-state', 'completed');
    await app.getByTestId('tree-row-inspect_document').click();
    await expect(app.getByRole('complementary', { name: 'Details' })).toContainText('Inspect the document');
    await everyLook(app, '8-completed');
  });

  await test.step('the letter arrived', async () => {
    await app.goto(`${origin()}/mail`);
    await app.getByTestId('mail-row').filter({ hasText: email }).click();
    const message = app.getByTestId('mail-message');
    await expect(message).toContainText(`Application ${customId} is accepted`);
    await expect(message).toContainText(`Dear ${applicant}`);
    await everyLook(app, '9-mail');
  });
});

/** A dialog covers the menus of the rail; only the theme is changed under it. */
async function everyLookInDialog(page: Page, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
    await page.screenshot({ path: path.join(screens, `draw-${name}-en-${scheme}.png`), animations: "disabled" });
  }
}
