// The places of the app, as the rail and the search box list them.
import {
  IconBell, IconCalendarTime, IconChecklist, IconHistory, IconLayoutDashboard, IconListTree, IconMail, IconSchema, IconServer2, IconSettings, IconStack2,
  IconUrgent, type Icon,
} from '@tabler/icons-react';

import type { Me, Permission } from '@/shared/api/types';

export interface Place {
  to: '/' | '/definitions' | '/processes' | '/tasks' | '/incidents' | '/bulk' | '/schedules' | '/workers' | '/mail' | '/alerts' | '/audit' | '/settings';
  name: 'dashboard' | 'definitions' | 'processes' | 'tasks' | 'incidents' | 'bulk' | 'schedules' | 'workers' | 'mail' | 'alerts' | 'audit' | 'settings';
  icon: Icon;
  permission?: Permission;
  /** Only where the server catches mail instead of sending it. */
  devOnly?: boolean;
}

const places: readonly Place[] = [
  { to: '/', name: 'dashboard', icon: IconLayoutDashboard, permission: 'process.read' },
  { to: '/definitions', name: 'definitions', icon: IconSchema, permission: 'definition.read' },
  { to: '/processes', name: 'processes', icon: IconListTree, permission: 'process.read' },
  { to: '/tasks', name: 'tasks', icon: IconChecklist, permission: 'task.do' },
  { to: '/incidents', name: 'incidents', icon: IconUrgent, permission: 'process.read' },
  { to: '/bulk', name: 'bulk', icon: IconStack2, permission: 'process.operate' },
  { to: '/schedules', name: 'schedules', icon: IconCalendarTime, permission: 'process.read' },
  { to: '/workers', name: 'workers', icon: IconServer2, permission: 'worker.read' },
  { to: '/mail', name: 'mail', icon: IconMail, permission: 'mail.read', devOnly: true },
  { to: '/alerts', name: 'alerts', icon: IconBell, permission: 'alert.read' },
  { to: '/audit', name: 'audit', icon: IconHistory, permission: 'audit.read' },
  { to: '/settings', name: 'settings', icon: IconSettings },
];

export function placesFor(me: Me): Place[] {
  return places.filter(
    (place) =>
      (!place.permission || me.permissions.includes(place.permission)) && (!place.devOnly || me.mode === 'dev'),
  );
}
