import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = process.env.TASKUROTTA_API ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../server/webui/dist',
    emptyOutDir: true,
    // The server's policy allows fonts and workers from itself only, never from data: addresses.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: api, ws: true } },
  },
  test: {
    // A test that needs a page says so in its first line: making one takes longer than most tests.
    environment: 'node',
    setupFiles: ['src/shared/testing/setup.ts'],
    restoreMocks: true,
    // Typing into a form takes its time on a small machine that builds beside it.
    testTimeout: 20_000,
    // The theme imports dayjs plugins without an extension, which Node's own loader refuses.
    server: { deps: { inline: [/@rjsf\/mantine/] } },
  },
});
