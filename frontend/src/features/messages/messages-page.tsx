import { Button } from '@mantine/core';
import { IconMessageOff } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Message } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState } from '@/shared/ui/faces';
import { JsonView } from '@/shared/ui/json-view';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Moment } from '@/shared/ui/moment';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';
import { Pill, type Tone } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { deleteMessage, messageQuery, messagesQuery } from './api/messages-api';

const tones: Record<Message['state'], Tone> = { waiting: 'wait', refused: 'bad', under_way: 'active', taken: 'ok' };

/** Messages that came and that no process has taken: who sent them, until when they wait, what would not have them. */
export function MessagesPage() {
  const { t } = useTranslation('messages');
  const may = useMay();
  const list = useInfiniteQuery(messagesQuery);
  const [deleting, setDeleting] = useState<Message>();
  const messages = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader crumbs={[{ label: t('incidents'), to: '/incidents' }, { label: t('title') }]} />
      <Page>
        <Card flush>
          <Listed
            list={list}
            empty={messages.length === 0}
            none={
              <EmptyState icon={IconMessageOff} title={t('empty.title')}>
                {t('empty.text')}
              </EmptyState>
            }
          >
            <table className={table.table}>
              <thead>
                <tr>
                  <th>{t('column.name')}</th>
                  <th>{t('column.key')}</th>
                  <th>{t('column.state')}</th>
                  <th>{t('column.sent')}</th>
                  <th>{t('column.until')}</th>
                  <th className={table.number}>{t('column.repeats')}</th>
                  <th aria-label={t('delete')} />
                </tr>
              </thead>
              <tbody>
                {messages.map((message) => (
                  <tr key={message.id} data-testid="message-row">
                    <td className={table.clip}>
                      <b>{message.name}</b>
                      <div className={table.muted}>{message.sender_id}</div>
                    </td>
                    <td className={table.clip}>{message.key}</td>
                    <td className={table.clip} title={message.refusal}>
                      <Pill tone={tones[message.state]}>{t(`state.${message.state}`)}</Pill>
                      {message.refusal !== undefined && (
                        <div className={table.muted}>
                          {message.refused_by} {message.refusal}
                        </div>
                      )}
                    </td>
                    <td className={table.nowrap}>
                      <Moment at={message.sent_at} />
                      <div className={table.muted}>{message.sent_by}</div>
                    </td>
                    <td className={table.nowrap}>
                      <Moment at={message.expires_at} />
                    </td>
                    <td className={table.number}>{message.repeats}</td>
                    <td className={table.number}>
                      {may('process.operate') && message.state !== 'under_way' && (
                        <Button size="compact-sm" variant="default" onClick={() => { setDeleting(message); }}>
                          {t('delete')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Listed>
        </Card>
        <LoadMore list={list} />
        {deleting !== undefined && <DeleteDialog message={deleting} onClose={() => { setDeleting(undefined); }} />}
      </Page>
    </>
  );
}

function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('messages');
  const client = useQueryClient();
  const whole = useQuery(messageQuery(message.id));
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.title', { name: message.name })}
      explanation={t('dialog.text')}
      confirm={t('delete')}
      danger
      onConfirm={async (reason) => {
        await deleteMessage(message.id, reason);
        await client.invalidateQueries({ queryKey: messagesQuery.queryKey });
      }}
    >
      {whole.data?.payload !== undefined && <JsonView value={whole.data.payload} maxHeight={220} />}
    </ReasonDialog>
  );
}
