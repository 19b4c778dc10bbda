import { ActionIcon, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { IncidentGroup } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { RelativeTime } from '@/shared/ui/moment';

import classes from '../incidents.module.css';
import { type IncidentsSearch, toBulkFilter } from '../model/search';
import { GroupActions } from './group-actions';
import { GroupList } from './group-list';
import { Trend } from './trend';

interface GroupRowProps {
  group: IncidentGroup;
  search: IncidentsSearch;
  open: boolean;
  onOpen: () => void;
}

const samples = 3;
/** A longer message does not fit into the list. */
const oneLine = 120;

/** A group of incidents that failed alike; open, it lists them. */
export function GroupRow({ group, search, open, onOpen }: GroupRowProps) {
  const { t, i18n } = useTranslation('incidents');
  const shown = group.samples.slice(0, samples);
  const rest = group.count - shown.length;
  return (
    <>
      <tr data-testid="incident-group" data-open={open || undefined}>
        <td className={classes.error}>
          <div className={classes.head}>
            <ActionIcon variant="subtle" color="gray" size={22} aria-expanded={open} aria-label={t('open', { code: group.code })} onClick={onOpen}>
              <IconChevronRight size={15} className={classes.chevron} />
            </ActionIcon>
            <div className={classes.what}>
              <span className={classes.title} title={group.message}>
                <b>{group.code}</b> {group.shape}
              </span>
              <span className={table.muted}>
                <AnchorLink to="/incidents" search={{ definition: group.definition }} size="sm" c="dimmed">
                  {group.definition_title || group.definition}
                </AnchorLink>{' '}
                ·{' '}
                <AnchorLink to="/incidents" search={{ definition: group.definition, node: group.node_id }} size="sm" c="dimmed" title={group.node_id}>
                  {group.node_title}
                </AnchorLink>
              </span>
            </div>
          </div>
        </td>
        <td className={classes.wide}>
          <Trend hours={group.trend} />
        </td>
        <td className={`${table.number ?? ''} ${table.strong ?? ''}`} data-testid="incident-count">
          {group.count.toLocaleString(i18n.language)}
        </td>
        <td className={`${classes.wide ?? ''} ${table.nowrap ?? ''} ${table.muted ?? ''}`}>
          <RelativeTime at={group.first_opened_at} />
        </td>
        <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
          <RelativeTime at={group.last_opened_at} />
        </td>
        <td>
          <div className={classes.samples}>
            {shown.map((sample) => (
              <AnchorLink key={sample.task_id} to="/processes/$processId" params={{ processId: sample.process_id }} search={{ task: sample.task_id }} size="sm">
                {sample.custom_id || sample.process_id.slice(0, 8)}
              </AnchorLink>
            ))}
            {rest > 0 && !open && (
              <button type="button" className={classes.rest} onClick={onOpen}>
                {t('and_more', { count: rest, n: rest.toLocaleString(i18n.language) })}
              </button>
            )}
          </div>
        </td>
        <td className={table.nowrap}>
          <GroupActions group={group} filter={() => toBulkFilter(search, group)} />
        </td>
      </tr>
      {open && (
        <tr className={classes.opened}>
          <td colSpan={7}>
            {(group.message.length > oneLine || group.message.includes('\n')) && (
              <Text size="sm" className={classes.message}>
                {group.message}
              </Text>
            )}
            <GroupList search={search} group={group} />
          </td>
        </tr>
      )}
    </>
  );
}
