import { Link } from '@tanstack/react-router';

import type { Incident } from '@/shared/api/types';
import { RelativeTime } from '@/shared/ui/moment';
import { StatusIcon } from '@/shared/ui/status';

import classes from './list.module.css';

export function IncidentList({ incidents }: { incidents: readonly Incident[] }) {
  return (
    <ul className={classes.list}>
      {incidents.map((incident) => (
        <li key={incident.task_id}>
          <Link to="/processes/$processId" params={{ processId: incident.process_id }} search={{ task: incident.task_id }} className={classes.row}>
            <StatusIcon state="incident" />
            <span className={classes.text}>
              <b>{incident.custom_id}</b>
              <small>{incident.code}</small>
            </span>
            <span className={classes.end}>
              <RelativeTime at={incident.opened_at} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
