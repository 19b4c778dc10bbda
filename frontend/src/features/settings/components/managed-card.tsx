// A card with a list that everybody who draws sees and administrators change: calendars, secrets.

import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Card } from '@/shared/ui/page';

export interface Column<T> {
  head: string;
  cell: (item: T) => ReactNode;
  muted?: boolean;
}

interface ManagedCardProps<T> {
  title: string;
  add: string;
  addDisabled?: boolean;
  manages: boolean;
  query: Pick<UseQueryResult, 'error' | 'refetch'>;
  /** Absent while it is being read. */
  items: readonly T[] | undefined;
  columns: readonly Column<T>[];
  keyOf: (item: T) => string;
  editLabel: (item: T) => string;
  /** Absent for what can't be removed. */
  removeLabel: (item: T) => string | undefined;
  /** Above the list. */
  notice?: ReactNode;
  /** Instead of an empty list. */
  none?: ReactNode;
  /** The dialog of one item; undefined is a new one. */
  editor: (item: T | undefined, close: () => void) => ReactNode;
  remover: (item: T, close: () => void) => ReactNode;
}

export function ManagedCard<T>(props: ManagedCardProps<T>) {
  const { title, add, addDisabled = false, manages, query, items, columns, keyOf, editLabel, removeLabel, notice, none, editor, remover } = props;
  const [edited, setEdited] = useState<{ item: T | undefined }>();
  const [removed, setRemoved] = useState<{ item: T }>();
  const rows = items?.map((item) => (
    <tr key={keyOf(item)}>
      {columns.map(({ head, cell, muted }) => (
        <td key={head} className={muted === true ? table.muted : undefined}>
          {cell(item)}
        </td>
      ))}
      {manages && (
        <td className={table.number}>
          <Buttons
            editLabel={editLabel(item)}
            removeLabel={removeLabel(item)}
            onEdit={() => {
              setEdited({ item });
            }}
            onRemove={() => {
              setRemoved({ item });
            }}
          />
        </td>
      )}
    </tr>
  ));
  return (
    <Card
      flush
      title={title}
      aside={
        manages && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            disabled={addDisabled}
            onClick={() => {
              setEdited({ item: undefined });
            }}
          >
            {add}
          </Button>
        )
      }
    >
      {notice}
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : rows === undefined ? (
        <LoadingRows rows={2} />
      ) : rows.length === 0 && none !== undefined ? (
        none
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              {columns.map(({ head }) => (
                <th key={head}>{head}</th>
              ))}
              {manages && <th />}
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      )}
      {edited !== undefined &&
        editor(edited.item, () => {
          setEdited(undefined);
        })}
      {removed !== undefined &&
        remover(removed.item, () => {
          setRemoved(undefined);
        })}
    </Card>
  );
}

interface ButtonsProps {
  editLabel: string;
  removeLabel: string | undefined;
  onEdit: () => void;
  onRemove: () => void;
}

function Buttons({ editLabel, removeLabel, onEdit, onRemove }: ButtonsProps) {
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <ActionIcon aria-label={editLabel} onClick={onEdit}>
        <IconPencil size={16} stroke={1.7} />
      </ActionIcon>
      {removeLabel !== undefined && (
        <ActionIcon aria-label={removeLabel} onClick={onRemove}>
          <IconTrash size={16} stroke={1.7} />
        </ActionIcon>
      )}
    </Group>
  );
}
