import { existsSync } from 'node:fs';

import { defineConfig } from '@playwright/test';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Two workers, each with a real binary of its own, with its own PostgreSQL and Redis. */
export default defineConfig({
  testDir: './tests',
  outputDir: './output/traces',
  workers: process.env.PRODUCT_URL ? 1 : 2,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  forbidOnly: !!process.env.CI,
  retries: 0,
  reporter: [['list']],
  globalSetup: './support/start-product.ts',
  use: {
    viewport: { width: 1440, height: 860 },
    // Recording what led to a failure costs as much as the tests themselves: E2E_TRACE=1 does it, the last picture is always there.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? browsers.find((path) => existsSync(path)),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
