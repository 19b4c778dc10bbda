import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { BulkItem, BulkJob } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Card } from '@/shared/ui/page';
import { Pill, type Tone } from '@/shared/ui/pill';
import { Tabs } from '@/shared/ui/tabs';

import { itemsQuery } from '../api/bulk-api';
import { refusalText } from '../model/refusal-text';

type Shown = BulkItem['state'] | 'all';

const shown: readonly Shown[] = ['all', 'pending', 'done', 'refused', 'failed'];
const tones: Record<BulkItem['state'], Tone> = { pending: 'idle', done: 'ok', refused: 'wait', failed: 'bad' };

/** What became of each process, or what the dry run says will. */
export function ItemTable({ job }: { job: BulkJob }) {
  const { t, i18n } = useTranslation('bulk');
  const [state, setState] = useState<Shown>('all');
  const items = useInfiniteQuery(itemsQuery(job, state === 'all' ? undefined : state));
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Card flush>
        <Tabs label={t('items')} value={state} tabs={shown.map((each) => ({ value: each, label: t(`tab.${each}`) }))} onChange={setState} />
        <Listed list={items} empty={false}>
          <table className={table.table}>
            <thead>
              <tr>
                <th>customId</th>
                <th>{t('column.node')}</th>
                <th>{t('column.state')}</th>
                <th>{t('column.why')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((item) => (
                <tr key={item.seq} data-testid="bulk-item" data-state={item.state}>
                  <td className={table.nowrap}>
                    <AnchorLink
                      to="/processes/$processId"
                      params={{ processId: item.result_id ?? item.process_id }}
                      {...(item.task_id === undefined ? {} : { search: { task: item.task_id } })}
                      size="sm"
                      fw={600}
                      c="inherit"
                    >
                      {item.custom_id === '' ? item.process_id : item.custom_id}
                    </AnchorLink>
                  </td>
                  <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>{item.node_id}</td>
                  <td>
                    <Pill tone={tones[item.state]}>{t(`item.${item.state}`)}</Pill>
                  </td>
                  <td className={table.clip} title={refusalText(item, t, i18n)}>
                    {refusalText(item, t, i18n)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Listed>
      </Card>
      <LoadMore list={items} />
    </>
  );
}
