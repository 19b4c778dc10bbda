// Two tabs, and two people, at one draft: whose turn it is, what the other one sees, and that nothing is lost when they collide.

import type { BrowserContext, Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { everyLook, inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

interface Draft {
  revision: number;
  document: { nodes: { id: string; title: string }[] };
}

/** A browser tab with a draft open. */
class Tab {
  constructor(
    readonly page: Page,
    readonly key: string,
  ) {}

  static async open(context: BrowserContext, key: string): Promise<Tab> {
    const tab = new Tab(await context.newPage(), key);
    await tab.page.emulateMedia({ reducedMotion: 'reduce' });
    await tab.page.goto(`${origin()}/definitions/${key}`);
    await expect(tab.page.getByTestId('node-start')).toBeVisible();
    return tab;
  }

  async retitle(title: string): Promise<void> {
    await this.page.getByTestId('node-start').click();
    await this.page.getByTestId('properties').getByLabel('Title', { exact: true }).fill(title);
  }

  async shows(title: string): Promise<void> {
    await expect(this.page.getByTestId('node-start')).toContainText(title);
  }

  async phase(phase: string): Promise<void> {
    await expect(this.page.getByTestId('save-state')).toHaveAttribute('data-phase', phase);
  }

  bar() {
    return this.page.getByTestId('lock-bar');
  }
}

async function draftOf(page: Page, key: string): Promise<string | undefined> {
  const { document } = await call<Draft>(page, 'GET', `/definitions/${key}/draft`);
  return document.nodes.find((node) => node.id === 'start')?.title;
}

test('two tabs take turns, collide while one is cut off, and lose nothing', async ({ app, context }) => {
  const key = `together-${Date.now()}`;
  await app.goto(`${origin()}/definitions`);
  await call(app, 'POST', '/definitions', { key, title: 'Together' });
  const first = await Tab.open(context, key);
  await first.retitle('Written first');
  await first.phase('saved');
  const second = await Tab.open(context, key);

  await test.step('the second tab looks on, and sees what the first one saves', async () => {
    await expect(second.bar()).toContainText('You edit this draft in another tab');
    await expect(second.page.getByTestId('presence')).toBeVisible();
    await expect(second.page.getByTestId('canvas')).not.toHaveAttribute('data-editing', 'true');
    await first.retitle('Seen by both');
    await second.shows('Seen by both');
    await everyLook(second.page, 'together-1-looks-on');
  });

  await test.step('taking over waits for what the first one has not saved yet', async () => {
    await first.retitle('Saved on the way out');
    await second.bar().getByRole('button', { name: 'Take over' }).click();
    await expect(first.bar()).toContainText('You edit this draft in another tab');
    await second.shows('Saved on the way out');
    await expect(second.bar()).toHaveCount(0);
    await second.retitle('The second edits');
    await first.shows('The second edits');
  });

  await test.step('a reload keeps the turn', async () => {
    await second.page.reload();
    await second.shows('The second edits');
    await expect(second.bar()).toHaveCount(0);
    await expect(first.bar()).toContainText('in another tab');
  });

  const cut = new RegExp(`/definitions/${key}/draft$`);
  await test.step('a tab that is cut off keeps its work, and is asked when it comes back', async () => {
    await second.page.route(cut, (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
    await second.retitle('Written while cut off');
    await second.phase('offline');
    await first.bar().getByRole('button', { name: 'Take over' }).click();
    await expect(first.bar()).toHaveCount(0); // the one that can't save loses its turn
    await first.retitle('Written meanwhile');
    await first.phase('saved');
    await expect(second.page.getByTestId('held-bar')).toBeVisible();
    await second.shows('Written while cut off');
    await inBothThemes(second.page, 'together-2-held-en');
    await second.page.unroute(cut);
    await second.bar().getByRole('button', { name: 'Take over' }).click();
    const dialog = second.page.getByRole('dialog');
    await expect(dialog).toContainText('Written meanwhile');
    await expect(dialog).toContainText('Written while cut off');
    await inBothThemes(second.page, 'together-3-conflict-en');
    expect(await draftOf(app, key), 'nothing is overwritten').toBe('Written meanwhile');
    await dialog.getByRole('button', { name: 'Keep mine as a copy' }).click();
    await expect(second.page).toHaveURL(`${origin()}/definitions/${key}-copy`);
    expect(await draftOf(app, key)).toBe('Written meanwhile');
    expect(await draftOf(app, `${key}-copy`)).toBe('Written while cut off');
  });

  await test.step('what a tab had not saved when it was closed is there in the next one', async () => {
    await first.page.route(cut, (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
    await first.retitle('Never sent');
    await first.phase('offline');
    await first.page.close();
    const third = await Tab.open(context, key);
    await third.shows('Never sent');
    await third.phase('saved');
    expect(await draftOf(app, key)).toBe('Never sent');
  });

  await test.step('a save from outside is shown to who has nothing to lose, and can be undone', async () => {
    const tab = await Tab.open(context, `${key}-copy`);
    await second.page.close();
    await expect(tab.bar()).toHaveCount(0);
    // It is this tab's turn once its change is saved.
    await tab.retitle('Its turn');
    await expect.poll(() => draftOf(app, `${key}-copy`)).toBe('Its turn');
    await tab.phase('saved');
    const { revision, document } = await call<Draft>(app, 'GET', `/definitions/${key}-copy/draft`);
    for (const node of document.nodes) if (node.id === 'start') node.title = 'From the command line';
    await call(app, 'PUT', `/definitions/${key}-copy/draft`, document, { 'If-Match': `"${revision}"` });
    await tab.shows('From the command line');
    await tab.page.getByTestId('action-undo').click();
    await tab.shows('Its turn');
  });
});
