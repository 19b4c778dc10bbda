// A new canvas teaches: begin with a start, or with one of three processes that already work.

import { Button } from '@mantine/core';
import { IconFileImport, IconPlayerPlay } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { TEMPLATES } from '@/shared/definition/templates';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useSession } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import classes from './empty-canvas.module.css';

export function EmptyCanvas() {
  const { t } = useTranslation(['designer', 'definitions']);
  const { context } = useSession();
  if (context.readOnly) return null;
  return (
    <div className={classes.empty}>
      <h2 className={classes.title}>{t('empty.title')}</h2>
      <p className={classes.text}>{t('empty.text')}</p>
      <Button
        size="sm"
        leftSection={<IconPlayerPlay size={16} />}
        data-testid="empty-start"
        onClick={() => {
          const start = TEMPLATES.blank(currentLanguage());
          context.store.getState().edit({ label: { key: 'step.template', params: { title: t('definitions:template.blank') } }, doc: start });
          requestAnimationFrame(() => context.canvas()?.fit());
        }}
      >
        {t('empty.start')}
      </Button>
      <Button
        size="sm"
        variant="default"
        leftSection={<IconFileImport size={16} />}
        data-testid="empty-import"
        onClick={() => {
          actionById('import').run(context);
        }}
      >
        {t('empty.import')}
      </Button>
      <div className={classes.templates}>
        {(['document_check', 'letter', 'at_once'] as const).map((name) => (
          <button
            key={name}
            type="button"
            className={classes.template}
            data-testid={`template-${name}`}
            onClick={() => {
              const label = { key: 'step.template', params: { title: t(`definitions:template.${name}`) } };
              context.store.getState().edit({ label, doc: TEMPLATES[name](currentLanguage()) });
              requestAnimationFrame(() => context.canvas()?.fit());
            }}
          >
            <b>{t(`definitions:template.${name}`)}</b>
            <span>{t(`definitions:template.${name}_text`)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
