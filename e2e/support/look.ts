// Pictures of the page for people to look at, in both languages and both themes, chosen as a person chooses them.

import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { expect, type Page } from '@playwright/test';

const screens = path.resolve(import.meta.dirname, '../output/screens');

/** Does the same in Russian and in English; English is what stays. */
export async function inBothLanguages(page: Page, take: (code: string) => Promise<void>): Promise<void> {
  for (const [language, code] of [
    ['Русский', 'ru'],
    ['English', 'en'],
  ] as const) {
    await page.getByRole('button', { name: /^(Language|Язык)$/ }).click();
    await page.getByRole('menuitem', { name: language }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', code);
    await expect(page.getByRole('menu')).toHaveCount(0);
    await take(code);
  }
}

/** A dialog covers the menus: it is pictured in one language. */
export async function inBothThemes(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true });
  // The pointer leaves what it would keep highlighted.
  await page.mouse.move(720, 2);
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
    await page.screenshot({ path: path.join(screens, `${name}-${scheme}.png`), animations: 'disabled' });
  }
}

/** A picture of the page as it stands, once no message covers it. */
export async function everyLook(page: Page, name: string): Promise<void> {
  await expect(page.locator('.mantine-Notification-root')).toHaveCount(0);
  await inBothLanguages(page, (code) => inBothThemes(page, `${name}-${code}`));
}
