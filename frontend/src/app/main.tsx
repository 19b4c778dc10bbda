import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import '@/shared/theme/global.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { startI18n } from '@/shared/i18n/i18n';

import { App } from './app';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');

await startI18n();
createRoot(element).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
