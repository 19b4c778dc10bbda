import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { everyLook, inBothLanguages, inBothThemes } from '../support/look.ts';
import { expect, origin, pdf, test, xml } from '../support/session.ts';

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
    await list.getByRole('combobox').fill(to);
    await list.getByTestId(`insert-${to}`).click();
    await expect(list).toHaveCount(0);
  }

  /** Draws a flow by the mouse, from the port of one step to another step. */
  async draw(from: string, to: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Show all' }).click();
    const port = this.node(from).locator('.react-flow__handle.source');
    await port.hover();
    await this.page.mouse.down();
    await this.node(to).hover();
    await expect(this.node(to)).toHaveClass(/tkc-legal/);
    await this.page.mouse.up();
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

  // Clicks go to where things stand, not to where they fly by.
  await app.emulateMedia({ reducedMotion: 'reduce' });

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
    await everyLook(app, 'draw-1-empty');
  });

  await test.step('a start and what a process needs', async () => {
    await designer.put('start_event');
    await designer.call('Application received', 'received');
    await designer.addInput('text', 'Applicant', 'applicant');
    await designer.addInput('email', 'E-mail', 'email');
    await designer.addInput('file', 'Application', 'application');
    await designer.addInput('file', 'Document', 'document');
    await everyLook(app, 'draw-2-start');
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
    await designer.draw('inspect_application', 'join');
    const connected = 'Undo: connect “Inspect the application” to “join”';
    await expect(designer.undo()).toHaveAccessibleName(connected);
    // The same by the keyboard.
    await designer.undo().click();
    await expect(designer.undo()).not.toHaveAccessibleName(connected);
    await designer.connect('inspect_application', 'join');
    await expect(designer.undo()).toHaveAccessibleName(connected);
  });

  await test.step('a choice, a letter and the ends', async () => {
    await designer.select('join');
    await designer.put('exclusive_gateway');
    await designer.call('In order?', 'decide');
    await designer.put('end_event');
    await designer.call('Accepted', 'accepted');
    const flow = await app.locator('[data-testid^=insert-on-]').last().getAttribute('data-edge');
    await designer.select('decide');
    await designer.put('end_event');
    await designer.call('Returned', 'returned');
    // The letter is dragged from the palette into the flow.
    await app.getByRole('button', { name: 'Show all' }).click();
    await app.getByTestId('palette-mail.send@1').dragTo(app.getByTestId(`insert-on-${flow}`));
    await expect(designer.undo()).toHaveAccessibleName('Undo: add “Send a mail”');
    await designer.call('Tell that it was accepted', 'tell');
  });

  await test.step('the history says what was done, undoes it and does it again', async () => {
    const steps = ['rename send_a_mail to tell', 'rename to “Tell that it was accepted”', 'add “Send a mail”'];
    for (const done of steps) {
      await expect(designer.undo()).toHaveAccessibleName(`Undo: ${done}`);
      await app.getByTestId('canvas').press('Control+z');
      await expect(designer.redo()).toHaveAccessibleName(`Redo: ${done}`);
    }
    await expect(app.locator('[data-kind=service_task]')).toHaveCount(2);
    for (const done of [...steps].reverse()) {
      await expect(designer.redo()).toHaveAccessibleName(`Redo: ${done}`);
      await designer.redo().click();
    }
    await expect(designer.redo()).toBeDisabled();
    await expect(designer.node('tell')).toBeVisible();
  });

  await test.step('tidied up, with the problems that are left', async () => {
    await app.getByTestId('action-tidy').click();
    await expect(designer.undo()).toHaveAccessibleName('Undo: tidy up');
    await expect(app.getByTestId('mark-inspect_application')).toBeVisible();
    await expect(app.getByTestId('mark-tell')).toBeVisible();
    await app.getByTestId('problems-count').click();
    await expect(app.getByTestId('problems-dock')).toContainText('Inspect the application');
    await everyLook(app, 'draw-3-problems');
    // A problem leads to the very field.
    await app.getByTestId('problems-dock').getByRole('button', { name: /must be given/ }).first().click();
    await expect(designer.properties.getByTestId('node-id')).toHaveText('inspect_application');
    await expect(designer.properties.getByRole('combobox', { name: 'File' })).toBeFocused();
  });

  await test.step('filling in makes the problems vanish', async () => {
    await designer.fx('File', 'input.application');
    await designer.properties.getByRole('switch', { name: 'Strict' }).press('Space');
    await expect(designer.properties.getByRole('switch', { name: 'Strict' })).toBeChecked();
    await expect(app.getByTestId('mark-inspect_application')).toHaveCount(0);

    // A file in scope can also be chosen by its name; it becomes the same kind of expression.
    await designer.select('inspect_document');
    await designer.properties.getByRole('combobox', { name: 'File' }).click();
    await app.getByRole('option', { name: 'Document' }).click();
    await expect(designer.properties.getByRole('textbox', { name: 'File', exact: true })).toHaveText('input.document');
    await designer.properties.getByRole('switch', { name: 'Strict' }).press('Space');
    await expect(designer.properties.getByRole('switch', { name: 'Strict' })).toBeChecked();
    await expect(app.getByTestId('mark-inspect_document')).toHaveCount(0);

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
    await everyLook(app, 'draw-4-choice');

    await designer.select('tell');
    await designer.fx('To', 'input.email');
    await designer.properties.getByRole('textbox', { name: 'Subject' }).fill('Application {{process.custom_id}} is accepted');
    await designer.properties.getByRole('textbox', { name: 'Text' }).fill('Dear {{input.applicant}},\n\nyour application is in order.\n');
    await expect(app.getByTestId('mark-tell')).toHaveCount(0);
    await expect(app.getByTestId('problems-count')).toHaveCount(0);
    await expect(app.getByTestId('problems-dock')).toContainText('Nothing stands in the way of publishing.');
    await everyLook(app, 'draw-5-ready');
  });

  await test.step('the draft outlives a reload', async () => {
    await designer.saved();
    await app.reload();
    await designer.select('tell');
    await expect(designer.properties.getByRole('textbox', { name: 'Subject' })).toHaveValue('Application {{process.custom_id}} is accepted');
    await expect(app.getByText('never published')).toBeVisible();
    // Even what the server has not got yet is there again.
    await designer.properties.getByRole('textbox', { name: 'Reply to' }).fill('office@example.org');
    await expect(app.getByTestId('save-state')).not.toHaveAttribute('data-phase', 'saved');
    await app.reload();
    await designer.select('tell');
    await expect(designer.properties.getByRole('textbox', { name: 'Reply to' })).toHaveValue('office@example.org');
    await designer.saved();
  });

  await test.step('published with a note', async () => {
    const dialog = app.getByRole('dialog');
    await inBothLanguages(app, async (code) => {
      await app.keyboard.press('Control+Enter');
      await dialog.getByRole('textbox').fill('Drawn from an empty canvas');
      await inBothThemes(app, `draw-6-publish-${code}`);
      await app.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
    });
    await app.getByRole('button', { name: 'Publish', exact: true }).click();
    await dialog.getByLabel('What changed').fill('Drawn from an empty canvas');
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
    await everyLook(app, 'draw-7-start-form');
    await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  });

  await test.step('it ends by the accepted branch', async () => {
    await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');
    for (const id of ['inspect_application', 'inspect_document', 'tell', 'accepted']) {
      await expect(designer.node(id)).toHaveAttribute('data-state', 'completed');
    }
    await expect(designer.node('returned')).not.toHaveAttribute('data-state', 'completed');
    await app.getByTestId('tree-row-inspect_document').click();
    const details = app.getByRole('complementary', { name: 'Details' });
    await expect(details).toContainText('Inspect the document');
    await expect(details).toContainText('"strict": true');
    await expect(details).toContainText('"pages": 1');
    await everyLook(app, 'draw-8-completed');
  });

  await test.step('the letter arrived', async () => {
    await app.goto(`${origin()}/mail`);
    await app.getByTestId('mail-row').filter({ hasText: email }).click();
    const message = app.getByTestId('mail-message');
    await expect(message).toContainText(`Application ${customId} is accepted`);
    await expect(message).toContainText(`Dear ${applicant}`);
    await everyLook(app, 'draw-9-mail');
  });
});
