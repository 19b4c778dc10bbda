import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { expect, test, walk } from '../support/session.ts';

function axeOn(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
}

/** Every place of the app, with something to show in it, walked through in one load. */
test('no page has a serious obstacle, in either theme', async ({ app: page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const { items } = await call<{ items: { id: string }[] }>(page, 'GET', '/processes?limit=1');
  const places = [
    '/', '/definitions', '/definitions/document-check', '/definitions/document-check/compare', '/processes', '/processes/new?definition=document-check',
    `/processes/${items[0]?.id ?? ''}`, '/tasks', '/incidents', '/bulk', '/schedules', '/workers', '/mail', '/alerts', '/audit', '/settings', '/nowhere',
  ];
  // No frame is inside a page: axe needs no page of its own to bring findings together. A theme changes colours and nothing else.
  const axe = { light: axeOn(page), dark: axeOn(page).withRules(['color-contrast', 'link-in-text-block']) };
  const found: string[] = [];
  for (const place of places) {
    await walk(page, place);
    await expect(page.locator('main, [role="main"]').first()).toBeVisible();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
      const { violations } = await axe[scheme].analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact === 'serious' || impact === 'critical') found.push(...nodes.map((node) => `${place} ${scheme} ${id}: ${node.target.join(' ')}`));
      }
    }
  }
  expect(found).toEqual([]);
});
