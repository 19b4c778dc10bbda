// Every place of the app. Pages are loaded when they are first visited.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, type AsyncRouteComponent, type ErrorComponentProps,
} from '@tanstack/react-router';

import { parseAlertsSearch } from '@/features/alerts/model/search';
import { parseSchedulesSearch } from '@/features/schedules/model/search';
import { parseCompareSearch } from '@/features/definitions/model/compare-search';
import { parseIncidentsSearch } from '@/features/incidents/model/search';
import { readAhead } from '@/features/designer/api/opening';
import { parseDesignerSearch } from '@/features/designer/model/search';
import { parseMailSearch } from '@/features/mail/model/search';
import { parseProcessesSearch } from '@/features/processes/model/filter';
import { parseProcessSearch } from '@/features/process/model/view-state';
import { parseTasksSearch } from '@/features/tasks/model/search';
import { parseStartSearch } from '@/features/start/model/search';
import { definitionQuery, nodeTypesQuery } from '@/shared/api/definitions';

import { CrashPage } from './crash-boundary';
import { NotFoundPage } from './not-found-page';
import { Shell } from './shell';

/** What can't be had now is asked for again, and complained of, by the page that shows it. */
const later = (): undefined => undefined;

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Shell, notFoundComponent: NotFoundPage });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/dashboard/dashboard-page'), 'DashboardPage'),
});
const definitions = createRoute({
  getParentRoute: () => root,
  path: '/definitions',
  component: lazyRouteComponent(() => import('@/features/definitions/definitions-page'), 'DefinitionsPage'),
});
const designer = createRoute({
  getParentRoute: () => root,
  path: '/definitions/$key',
  validateSearch: parseDesignerSearch,
  // Nothing waits for it: the page shows what it has, and asks for the rest.
  loader: ({ context: { queryClient }, params: { key }, cause }) => {
    queryClient.query(definitionQuery(key)).catch(later);
    queryClient.query(nodeTypesQuery).catch(later);
    if (cause === 'enter') readAhead(key);
  },
  component: lazyRouteComponent(() => import('@/features/designer/designer-page'), 'DesignerPage'),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: '/definitions/$key/compare',
  validateSearch: parseCompareSearch,
  component: lazyRouteComponent(() => import('@/features/definitions/compare-page'), 'ComparePage'),
});
const processes = createRoute({
  getParentRoute: () => root,
  path: '/processes',
  validateSearch: parseProcessesSearch,
  component: lazyRouteComponent(() => import('@/features/processes/processes-page'), 'ProcessesPage'),
});
const start = createRoute({
  getParentRoute: () => root,
  path: '/processes/new',
  validateSearch: parseStartSearch,
  component: lazyRouteComponent(() => import('@/features/start/start-page'), 'StartPage'),
});
const process = createRoute({
  getParentRoute: () => root,
  path: '/processes/$processId',
  validateSearch: parseProcessSearch,
  component: lazyRouteComponent(() => import('@/features/process/process-page'), 'ProcessPage'),
});
const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  validateSearch: parseTasksSearch,
  component: lazyRouteComponent(() => import('@/features/tasks/tasks-page'), 'TasksPage'),
});
const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: parseIncidentsSearch,
  component: lazyRouteComponent(() => import('@/features/incidents/incidents-page'), 'IncidentsPage'),
});
const messages = createRoute({
  getParentRoute: () => root,
  path: '/messages',
  component: lazyRouteComponent(() => import('@/features/messages/messages-page'), 'MessagesPage'),
});
const bulk = createRoute({
  getParentRoute: () => root,
  path: '/bulk',
  component: lazyRouteComponent(() => import('@/features/bulk/bulk-page'), 'BulkPage'),
});
const bulkJob = createRoute({
  getParentRoute: () => root,
  path: '/bulk/$jobId',
  component: lazyRouteComponent(() => import('@/features/bulk/bulk-job-page'), 'BulkJobPage'),
});
const schedules = createRoute({
  getParentRoute: () => root,
  path: '/schedules',
  validateSearch: parseSchedulesSearch,
  component: lazyRouteComponent(() => import('@/features/schedules/schedules-page'), 'SchedulesPage'),
});
const schedule = createRoute({
  getParentRoute: () => root,
  path: '/schedules/$scheduleId',
  component: lazyRouteComponent(() => import('@/features/schedules/schedule-page'), 'SchedulePage'),
});
const workers = createRoute({
  getParentRoute: () => root,
  path: '/workers',
  component: lazyRouteComponent(() => import('@/features/workers/workers-page'), 'WorkersPage'),
});
const mail = createRoute({
  getParentRoute: () => root,
  path: '/mail',
  validateSearch: parseMailSearch,
  component: lazyRouteComponent(() => import('@/features/mail/mail-page'), 'MailPage'),
});
const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: parseAlertsSearch,
  component: lazyRouteComponent(() => import('@/features/alerts/alerts-page'), 'AlertsPage'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});

const routeTree = root.addChildren([
  dashboard, definitions, designer, compare, processes, start, process, tasks, incidents, messages, bulk, bulkJob, schedules, schedule, workers, mail, alerts, audit, settings,
]);

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultErrorComponent: ({ error }: ErrorComponentProps) => <CrashPage error={error} />,
    scrollRestoration: true,
  });
}

/** Fetches the page that an address shows, before anybody knows who may see it. */
export function fetchPage(router: ReturnType<typeof makeRouter>, pathname: string): void {
  const [routes] = router.getMatchedRoutes(pathname);
  for (const { options } of routes) {
    (options.component as AsyncRouteComponent<unknown> | undefined)?.preload?.()?.catch(later);
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
