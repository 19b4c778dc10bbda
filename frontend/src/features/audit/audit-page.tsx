import { TextInput } from '@mantine/core';
import { IconHistory, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { AuditEntry } from '@/shared/api/types';
import { useActionName } from '@/shared/ui/action-name';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState } from '@/shared/ui/faces';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Moment } from '@/shared/ui/moment';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { auditQuery } from './api/audit-api';

/** Who changed what, when, and why. */
export function AuditPage() {
  const { t } = useTranslation('audit');
  const actionName = useActionName();
  const [actor, setActor] = useState('');
  const [asked] = useDebouncedValue(actor.trim(), 250);
  const audit = useInfiniteQuery({ ...auditQuery(asked), placeholderData: keepPreviousData });
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <Page>
        <TextInput
          maw={280}
          leftSection={<IconUser size={15} stroke={1.7} />}
          placeholder={t('actor_filter')}
          aria-label={t('actor_filter')}
          value={actor}
          onChange={(event) => {
            setActor(event.currentTarget.value);
          }}
        />
        <Card flush>
          <Listed
            list={audit}
            rows={8}
            empty={entries.length === 0}
            none={<EmptyState icon={IconHistory} title={t('empty')} />}
          >
            <table className={table.table}>
              <thead>
                <tr>
                  <th>{t('at')}</th>
                  <th>{t('actor')}</th>
                  <th>{t('what')}</th>
                  <th>{t('subject')}</th>
                  <th>{t('reason')}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry) => (
                  <tr key={entry.id}>
                    <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
                      <Moment at={entry.at} />
                    </td>
                    <td className={table.nowrap}>{entry.actor}</td>
                    <td className={table.nowrap}>{actionName(entry.action)}</td>
                    <td className={table.clip}>
                      <Subject entry={entry} />
                    </td>
                    <td className={table.muted}>{entry.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Listed>
        </Card>
        <LoadMore list={audit} />
      </Page>
    </>
  );
}

function Subject({ entry }: { entry: AuditEntry }) {
  const { t, i18n } = useTranslation('audit');
  const detail = entry.detail !== null && typeof entry.detail === 'object' && !Array.isArray(entry.detail) ? entry.detail : {};
  const name = typeof detail.custom_id === 'string' ? detail.custom_id : short(entry.subject_id);
  if (entry.subject_kind === 'process') return (
    <AnchorLink to="/processes/$processId" params={{ processId: entry.subject_id }} size="sm">{name}</AnchorLink>
  );
  if (entry.subject_kind === 'task' && typeof detail.process_id === 'string') {
    return (
      <AnchorLink to="/processes/$processId" params={{ processId: detail.process_id }} search={{ task: entry.subject_id }} size="sm">
        {short(entry.subject_id)}
      </AnchorLink>
    );
  }
  if (entry.subject_kind === 'definition') return (
    <AnchorLink to="/definitions/$key" params={{ key: entry.subject_id }} size="sm">{entry.subject_id}</AnchorLink>
  );
  const kind = i18n.exists(`audit:kind.${entry.subject_kind}`) ? t(`kind.${entry.subject_kind}`) : entry.subject_kind;
  return (
    <span className={table.muted} title={entry.subject_id}>
      {kind} {short(entry.subject_id)}
    </span>
  );
}

/** Ids are for machines: their beginning is enough to tell two of them apart. */
function short(id: string): string {
  return /^[0-9a-f-]{36}$/.test(id) ? `${id.slice(0, 13)}…` : id;
}
