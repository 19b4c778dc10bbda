// The events on the border of an activity, and how to add one.

import { Button, Group } from '@mantine/core';
import { IconAlertTriangle, IconClock, IconMail } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { insertBoundary } from '@/shared/graph/insert';
import { borderOf } from '@/shared/graph/query';
import type { BoundaryKind, GraphNode } from '@/shared/graph/types';

import { useDocument, useSession } from '../hooks/designer-context';
import { NodeTile } from '../components/item-tile';
import classes from './panel.module.css';

const KINDS: readonly { kind: BoundaryKind; icon: typeof IconClock }[] = [
  { kind: 'error', icon: IconAlertTriangle },
  { kind: 'timer', icon: IconClock },
  { kind: 'message', icon: IconMail },
];

export function BorderForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const events = borderOf(useDocument(), node.id);
  const add = (kind: BoundaryKind): void => {
    const { doc, edit } = context.store.getState();
    const inserted = insertBoundary(doc, node.id, kind, t(`boundary.${kind}`));
    if (inserted === undefined) return;
    edit({ label: { key: 'step.insert', params: { title: t(`boundary.${kind}`) } }, doc: inserted.doc, selection: { nodes: [inserted.id], edges: [] } });
  };
  return (
    <>
      <p className={classes.note}>{t('boundary.hint')}</p>
      {events.map((event) => (
        <button
          key={event.id}
          type="button"
          className={classes.target}
          onClick={() => {
            context.store.getState().select({ nodes: [event.id], edges: [] });
          }}
        >
          <NodeTile node={event} type={undefined} size={22} /> {event.title === '' ? t(`boundary.${event.boundary?.kind ?? 'error'}`) : event.title}
        </button>
      ))}
      <Group gap={6}>
        {KINDS.map(({ kind, icon: Icon }) => (
          <Button key={kind} variant="default" size="compact-xs" leftSection={<Icon size={13} />} data-testid={`add-boundary-${kind}`} onClick={() => { add(kind); }}>
            {t(`boundary.${kind}`)}
          </Button>
        ))}
      </Group>
    </>
  );
}
