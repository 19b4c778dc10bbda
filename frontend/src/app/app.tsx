import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';

import { SessionGate } from '@/features/session/session-gate';
import { LiveProvider } from '@/shared/live/live-provider';
import { useMay } from '@/shared/session/me';
import { cssVariablesResolver, theme } from '@/shared/theme/theme';

import { CrashBoundary } from './crash-boundary';
import type { makeRouter } from './router';

const colorSchemes = localStorageColorSchemeManager({ key: 'taskurotta-color-scheme' });

interface AppProps {
  queryClient: QueryClient;
  router: ReturnType<typeof makeRouter>;
}

export function App({ queryClient, router }: AppProps) {
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
            <SignedIn router={router} />
          </SessionGate>
        </QueryClientProvider>
      </CrashBoundary>
    </MantineProvider>
  );
}

function SignedIn({ router }: Pick<AppProps, 'router'>) {
  const may = useMay();
  return (
    <LiveProvider enabled={may('process.read')}>
      <RouterProvider router={router} />
    </LiveProvider>
  );
}
