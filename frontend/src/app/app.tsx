import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';

import { SessionGate } from '@/features/session/session-gate';
import { makeQueryClient } from '@/shared/api/query-client';
import { LiveProvider } from '@/shared/live/live-provider';
import { useMay } from '@/shared/session/me';
import { cssVariablesResolver, theme } from '@/shared/theme/theme';

import { CrashBoundary } from './crash-boundary';
import { makeRouter } from './router';

const colorSchemes = localStorageColorSchemeManager({ key: 'taskurotta-color-scheme' });

export function App() {
  const [queryClient] = useState(makeQueryClient);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemes}
      defaultColorScheme="auto"
    >
      <Notifications position="bottom-center" limit={4} autoClose={5000} />
      <CrashBoundary>
        <QueryClientProvider client={queryClient}>
          <SessionGate>
            <SignedIn />
          </SessionGate>
        </QueryClientProvider>
      </CrashBoundary>
    </MantineProvider>
  );
}

function SignedIn() {
  const [router] = useState(makeRouter);
  const may = useMay();
  return (
    <LiveProvider enabled={may('process.read')}>
      <RouterProvider router={router} />
    </LiveProvider>
  );
}
