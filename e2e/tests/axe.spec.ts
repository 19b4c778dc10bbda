import { AxeBuilder } from '@axe-core/playwright';

import { call } from '../support/api.ts';
import { expect, origin, test } from '../support/session.ts';

/** Every place of the app, with something to show in it. */
test('no page has a serious obstacle, in either theme', async ({ app: page }) => {
  const { items } = await call<{ items: { id: string }[] }>(page, 'GET', '/processes?limit=1');
  const places = [
    '/', '/definitions', '/definitions/document-check', '/definitions/document-check/compare', '/processes', '/processes/new?definition=document-check',
    `/processes/${items[0]?.id ?? ''}`, '/tasks', '/incidents', '/bulk', '/schedules', '/workers', '/mail', '/alerts', '/audit', '/settings', '/nowhere',
  ];
  const found: string[] = [];
  for (const place of places) {
    await page.goto(`${origin()}${place}`);
    await expect(page.locator('main, [role="main"]').first()).toBeVisible();
    await page.waitForLoadState('networkidle');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact === 'serious' || impact === 'critical') found.push(...nodes.map((node) => `${place} ${scheme} ${id}: ${node.target.join(' ')}`));
      }
    }
  }
  expect(found).toEqual([]);
});
