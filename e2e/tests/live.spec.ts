import { everyLook } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

test('a walk moves on canvas and tree without a reload', async ({ app }) => {
  await app.goto(`${origin()}/processes/new?definition=demo-walk`);
  await app.getByLabel('customId').fill(`walk-${Date.now()}`);
  await app.getByLabel(/Seconds/).fill('15');
  await app.locator('button[type=submit]', { hasText: 'Start' }).click();
  await expect(app.getByTestId('process-page')).toBeVisible();
  await app.evaluate(() => Object.assign(window, { neverReloaded: true }));
  // What the person sees of each step, in order.
  await app.evaluate(() => {
    const seen: Record<string, string[]> = {};
    Object.assign(window, { seen });
    const note = () => {
      for (const node of document.querySelectorAll('[data-testid^=node-], [data-testid^=tree-row-]')) {
        const states = (seen[node.getAttribute('data-testid') ?? ''] ??= []);
        const state = node.getAttribute('data-state') ?? '';
        if (states.at(-1) !== state) states.push(state);
      }
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
  });

  await expect(app.getByTestId('node-long')).toHaveAttribute('data-state', 'running');
  await expect(app.getByTestId('tree-row-long')).toHaveAttribute('data-state', 'running');
  await everyLook(app, 'live-running');
  await expect(app.getByTestId('node-long')).toHaveAttribute('data-state', 'completed', { timeout: 30_000 });
  await expect(app.getByTestId('tree-root')).toHaveAttribute('data-state', 'completed');

  const seen = await app.evaluate(() => (window as unknown as { seen: Record<string, string[]> }).seen);
  // Changes that come close together are drawn as one, so a step may be left out; none is drawn twice or backwards.
  const order = ['queued', 'running', 'completed'];
  for (const place of ['node-quick', 'node-long', 'tree-row-quick', 'tree-row-long']) {
    const drawn = seen[place]?.filter((state) => order.includes(state)) ?? [];
    expect(drawn, place).toEqual(order.filter((state) => drawn.includes(state)));
    expect(drawn.at(-1), place).toBe('completed');
  }
  for (const place of ['node-long', 'tree-row-long']) expect(seen[place], place).toContain('running');
  expect(await app.evaluate(() => 'neverReloaded' in window)).toBe(true);
});
