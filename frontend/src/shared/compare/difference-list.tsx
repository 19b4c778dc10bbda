// What differs, as a list: steps, flows and notes with their fields; moves folded into one line.

import { UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { GraphDocument, Json } from '@/shared/graph/types';

import { isSame, type Change, type Comparison, type Difference, type FieldDifference } from './compare';
import classes from './difference-list.module.css';
import { fieldName } from './field-name';

const ICONS = { added: IconPlus, removed: IconMinus, changed: IconPencil };

interface DifferenceListProps {
  comparison: Comparison;
  before: GraphDocument;
  after: GraphDocument;
  onPick?: (item: Difference) => void;
  picked?: string | undefined;
}

export function DifferenceList({ comparison, before, after, onPick, picked }: DifferenceListProps) {
  const { t } = useTranslation(['compare', 'designer']);
  const nameOf = (id: string): string => {
    const node = [...after.nodes, ...before.nodes].find((each) => each.id === id);
    return node === undefined ? id : node.title === '' ? t(`designer:kind.${node.kind}`, { defaultValue: id }) : node.title;
  };
  const titleOf = (item: Difference): string => {
    if (item.of === 'node') return nameOf(item.id);
    const edge = item.of === 'edge' ? (item.change === 'removed' ? before : after).edges.find((each) => each.id === item.id) : undefined;
    if (edge === undefined || (edge.title !== undefined && edge.title !== '')) return item.title;
    return `${nameOf(edge.from)} → ${nameOf(edge.to)}`;
  };
  if (isSame(comparison)) return <p className={classes.none}>{t('none')}</p>;
  const groups = (['node', 'edge', 'note'] as const).map((of) => [of, comparison.items.filter((item) => item.of === of)] as const);
  return (
    <div className={classes.list} data-testid="differences">
      {groups.map(
        ([of, items]) =>
          items.length > 0 && (
            <section key={of}>
              <h4 className={classes.group}>{t(`group.${of}`)}</h4>
              {items.map((item) => (
                <Row key={`${item.change} ${item.id}`} item={item} title={titleOf(item)} onPick={onPick} picked={picked === item.id} />
              ))}
            </section>
          ),
      )}
      {comparison.other.length > 0 && (
        <section>
          <h4 className={classes.group}>{t('group.other')}</h4>
          <Fields fields={comparison.other} />
        </section>
      )}
      {comparison.moved.length > 0 && <Moved names={comparison.moved.map(nameOf)} />}
    </div>
  );
}

interface RowProps {
  item: Difference;
  title: string;
  onPick: DifferenceListProps['onPick'];
  picked: boolean;
}

function Row({ item, title, onPick, picked }: RowProps) {
  const { t } = useTranslation(['compare', 'designer']);
  const [opened, setOpened] = useState(true);
  const kind = item.kind === undefined ? undefined : t(`designer:kind.${item.kind}`, { defaultValue: item.kind });
  const fields = item.fields ?? [];
  return (
    <div className={classes.row} data-testid={`difference-${item.id}`} data-change={item.change} data-picked={picked || undefined}>
      <div className={classes.head}>
        <ChangeIcon change={item.change} />
        <UnstyledButton
          className={classes.title}
          disabled={onPick === undefined}
          onClick={() => {
            onPick?.(item);
          }}
        >
          <b>{title}</b>
          {kind !== undefined && kind !== title && <small>{kind}</small>}
        </UnstyledButton>
        {fields.length > 0 && (
          <UnstyledButton
            className={classes.fold}
            aria-expanded={opened}
            aria-label={t('fields', { count: fields.length })}
            onClick={() => {
              setOpened(!opened);
            }}
          >
            {fields.length} <IconChevronRight size={14} />
          </UnstyledButton>
        )}
      </div>
      {opened && fields.length > 0 && <Fields fields={fields} />}
    </div>
  );
}

export function ChangeIcon({ change }: { change: Change }) {
  const { t } = useTranslation('compare');
  const Icon = ICONS[change];
  return (
    <span className={classes.sign} data-change={change} role="img" aria-label={t(`change.${change}`)}>
      <Icon size={12} stroke={2.5} />
    </span>
  );
}

function Fields({ fields }: { fields: readonly FieldDifference[] }) {
  const { t } = useTranslation('compare');
  return (
    <dl className={classes.fields}>
      {fields.map((field) => (
        <div key={field.path}>
          <dt title={field.path}>{fieldName(field.path, t)}</dt>
          <dd>
            {field.before === undefined && field.after === undefined && <span>{t('order')}</span>}
            {field.before !== undefined && <del>{shown(field.before, t('empty'))}</del>}
            {field.after !== undefined && <ins>{shown(field.after, t('empty'))}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Texts as they are, the rest as JSON. */
function shown(value: Json, empty: string): string {
  if (value === '') return empty;
  if (typeof value === 'string') return value;
  return JSON.stringify(value, null, typeof value === 'object' ? 1 : undefined);
}

function Moved({ names }: { names: readonly string[] }) {
  const { t } = useTranslation('compare');
  const [opened, setOpened] = useState(false);
  return (
    <section>
      <UnstyledButton
        className={classes.moved}
        aria-expanded={opened}
        onClick={() => {
          setOpened(!opened);
        }}
      >
        <IconChevronRight size={14} /> {t('moved', { count: names.length })}
      </UnstyledButton>
      {opened && <p className={classes.names}>{names.join(', ')}</p>}
    </section>
  );
}

/** "2 added · 1 changed" in one line. */
export function DifferenceSummary({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation('compare');
  const count = (change: Change): number => comparison.items.filter((item) => item.change === change).length;
  const parts = (['added', 'removed', 'changed'] as const).map((change) => [change, count(change)] as const).filter(([, many]) => many > 0);
  return (
    <span className={classes.summary}>
      {parts.map(([change, many]) => (
        <span key={change}>
          <ChangeIcon change={change} /> {t(`count.${change}`, { count: many })}
        </span>
      ))}
      {comparison.moved.length > 0 && <span>{t('moved', { count: comparison.moved.length })}</span>}
      {isSame(comparison) && <span>{t('none')}</span>}
    </span>
  );
}
