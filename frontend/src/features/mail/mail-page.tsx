import { IconMail } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment } from '@/shared/ui/moment';
import { PageHeader } from '@/shared/ui/page-header';
import list from '@/shared/ui/split-list.module.css';

import { mailQuery, messageQuery } from './api/mail-api';
import classes from './mail-page.module.css';

const route = getRouteApi('/mail');

/** What the processes would have mailed: the development server keeps it instead of sending it. */
export function MailPage() {
  const { t } = useTranslation('mail');
  const { message: chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const mail = useQuery(mailQuery);
  const selected = chosen ?? mail.data?.[0]?.id;
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      {mail.error ? (
        <ErrorState error={mail.error} onRetry={() => void mail.refetch()} />
      ) : mail.isPending ? (
        <LoadingRows />
      ) : mail.data.length === 0 ? (
        <EmptyState icon={IconMail} title={t('empty.title')}>
          {t('empty.text')}
        </EmptyState>
      ) : (
        <div className={list.split}>
          <ul className={list.list}>
            {mail.data.map((message) => (
              <li key={message.id}>
                <button
                  type="button"
                  className={list.row}
                  data-testid="mail-row"
                  aria-current={message.id === selected}
                  onClick={() => void navigate({ search: { message: message.id }, replace: true })}
                >
                  <span className={list.line}>
                    <b>{message.to.join(', ')}</b>
                    <Moment at={message.at} />
                  </span>
                  <span className={list.of}>{message.subject}</span>
                </button>
              </li>
            ))}
          </ul>
          {selected !== undefined && <Message id={selected} />}
        </div>
      )}
    </>
  );
}

function Message({ id }: { id: string }) {
  const { t } = useTranslation('mail');
  const { data, error } = useQuery(messageQuery(id));
  if (error) return <ErrorState error={error} />;
  if (!data) return <LoadingRows rows={3} />;
  return (
    <article className={classes.message} data-testid="mail-message">
      <h2>{data.subject}</h2>
      <dl className={classes.facts}>
        <dt>{t('from')}</dt>
        <dd>{data.from}</dd>
        <dt>{t('to')}</dt>
        <dd>{data.to.join(', ')}</dd>
        <dt>{t('at')}</dt>
        <dd>
          <Moment at={data.at} />
        </dd>
      </dl>
      <pre className={classes.text}>{data.text}</pre>
    </article>
  );
}
