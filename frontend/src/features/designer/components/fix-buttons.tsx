// The mends of a problem, each one press and one step of the history.

import { Button } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { currentLanguage } from '@/shared/i18n/i18n';

import { useCatalog, useDocument, useSession } from '../hooks/designer-context';
import type { Problem } from '../model/problems';
import { fixesFor, type QuickFix } from '../model/quick-fixes';
import classes from './fix-buttons.module.css';

export function FixButtons({ problem, most = 3 }: { problem: Problem; most?: number }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const doc = useDocument();
  const locale = currentLanguage();
  const fixes = useMemo(() => (context.readOnly ? [] : fixesFor(problem, doc, { types, locale }).slice(0, most)), [context, problem, doc, types, locale, most]);
  if (fixes.length === 0) return null;
  const mend = (fix: QuickFix): void => {
    const { doc: current, edit } = context.store.getState();
    context.ui.setState({ settling: true, tracing: undefined });
    edit({ label: { key: 'step.fix', params: { what: t(`fix.${fix.id}`, fix.params ?? {}) } }, doc: fix.apply(current) });
  };
  return (
    <span className={classes.fixes}>
      {fixes.map((fix) => (
        <Button
          key={`${fix.id} ${JSON.stringify(fix.params ?? {})}`}
          size="compact-xs"
          variant="light"
          leftSection={<IconWand size={13} />}
          data-testid={`fix-${fix.id}`}
          onClick={() => {
            mend(fix);
          }}
        >
          {t(`fix.${fix.id}`, fix.params ?? {})}
        </Button>
      ))}
    </span>
  );
}
