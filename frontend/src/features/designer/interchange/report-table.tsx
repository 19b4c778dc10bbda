// What became of each element of a file, by outcome: the worst first, what was read last.

import { Button, ScrollArea, Text } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Outcome, ReportLine } from '@/shared/bpmn/report';
import { Tabs } from '@/shared/ui/tabs';

import classes from './import-dialog.module.css';

const OUTCOMES: readonly Outcome[] = ['lost', 'changed', 'kept', 'read'];
const PAGE = 300;

export function ReportTable({ lines }: { lines: readonly ReportLine[] }) {
  const { t } = useTranslation(['interchange', 'designer']);
  const counts = new Map(OUTCOMES.map((outcome) => [outcome, lines.filter((line) => line.outcome === outcome).length]));
  const [picked, setPicked] = useState<Outcome>();
  const outcome = picked ?? OUTCOMES.find((each) => (counts.get(each) ?? 0) > 0) ?? 'read';
  return (
    <div>
      <Tabs
        label={t('what')}
        value={outcome}
        onChange={setPicked}
        tabs={OUTCOMES.map((each) => ({
          value: each,
          label: `${t(`outcome.${each}`)} ${String(counts.get(each) ?? 0)}`,
          ...(each === 'lost' && (counts.get(each) ?? 0) > 0 && { tone: 'bad' as const }),
        }))}
      />
      <Lines key={outcome} outcome={outcome} lines={lines.filter((line) => line.outcome === outcome)} />
    </div>
  );
}

function Lines({ outcome, lines }: { outcome: Outcome; lines: readonly ReportLine[] }) {
  const { t } = useTranslation(['interchange', 'designer']);
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <Text size="xs" c="dimmed" py={8}>
        {t(`outcome_hint.${outcome}`)}
      </Text>
      <ScrollArea.Autosize mah={300} scrollbarSize={6} type="auto">
        <table className={classes.lines} data-testid={`report-${outcome}`}>
          <thead>
            <tr>
              <th scope="col">{t('element')}</th>
              <th scope="col">{t('what')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, shown).map((line, index) => (
              <tr key={index} data-key={line.key}>
                <td>
                  <code>{line.element}</code> <span className={classes.name}>{line.name !== '' ? line.name : line.id === undefined ? '' : <i>{line.id}</i>}</span>
                </td>
                <td>{lineText(t, line)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {lines.length === 0 && (
          <Text size="sm" c="dimmed" py={4}>
            {t('none')}
          </Text>
        )}
        {lines.length > shown && (
          <Button
            variant="subtle"
            size="xs"
            onClick={() => {
              setShown(shown + PAGE * 4);
            }}
          >
            {t('more', { count: lines.length - shown })}
          </Button>
        )}
      </ScrollArea.Autosize>
    </>
  );
}

function lineText(t: TFunction<['interchange', 'designer']>, line: ReportLine): string {
  const kind = typeof line.params?.kind === 'string' ? { kind: t(`designer:kind.${line.params.kind}`) } : {};
  return t(`line.${line.key}`, { ...line.params, ...kind, node: line.node ?? '' });
}
