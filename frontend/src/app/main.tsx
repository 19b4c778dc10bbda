import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import '@/shared/theme/global.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { makeQueryClient } from '@/shared/api/query-client';
import { startI18n } from '@/shared/i18n/i18n';
import { meQuery } from '@/shared/session/me';

import { App } from './app';
import { fetchPage, makeRouter } from './router';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');

const queryClient = makeQueryClient();
const router = makeRouter(queryClient);
// Who asks, the page and its texts come side by side. Whoever brings a token is nobody yet.
const { pathname, searchParams } = new URL(window.location.href);
if (!searchParams.has('token')) queryClient.query(meQuery).catch(() => undefined);
fetchPage(router, pathname);
await startI18n();
createRoot(element).render(
  <StrictMode>
    <App queryClient={queryClient} router={router} />
  </StrictMode>,
);
