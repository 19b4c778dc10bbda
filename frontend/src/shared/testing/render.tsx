// Renders a part of the app with what every part stands on.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act, render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';

import { LiveClient } from '@/shared/live/live-client';
import { LiveProvider } from '@/shared/live/live-provider';
import { theme } from '@/shared/theme/theme';

import { FakeSocket } from './fake-socket';

interface Options {
  path?: string;
  /** The route that the part reads its parameters from. */
  route?: string;
  client?: QueryClient;
  live?: LiveClient;
}

export function testQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: Infinity } } });
}

export async function renderPart(part: ReactNode, options: Options = {}): Promise<RenderResult> {
  const root = createRootRoute();
  const routeTree = root.addChildren([
    createRoute({ getParentRoute: () => root, path: options.route ?? '/', component: () => part }),
    createRoute({ getParentRoute: () => root, path: '$', component: () => null }),
  ]);
  const router = createRouter({
    routeTree,
    history: createMemoryHistory({ initialEntries: [options.path ?? options.route ?? '/'] }),
  });
  const client = options.client ?? testQueryClient();
  const live = options.live ?? new LiveClient(() => new FakeSocket());
  await act(() => router.load());
  const result = render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <LiveProvider client={live}>
          <RouterProvider router={router as never} />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return result;
}
