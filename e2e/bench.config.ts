import { defineConfig } from '@playwright/test';

import base from './playwright.config.ts';

/** The same browser on the same binary, for measuring: one pass, no trace beside it. */
export default defineConfig(base, { testDir: './bench', testMatch: '*.bench.ts', workers: 1, timeout: 170_000, use: { trace: 'off', actionTimeout: 20_000 } });
