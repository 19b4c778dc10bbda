// A form in a dialog that keeps one thing: what the server refuses stands at its field, or above the buttons.

import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { ReactNode, SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { ApiError, type Issue } from '@/shared/api/problem';

/** Where an issue is; the server names fields of the request's body, with or without saying so. */
function pathOf(issue: Issue): string {
  return (issue.path ?? '').replace(/^\/?(body|path)/, '');
}

interface Refused {
  message: string;
  /** The steps of its place in the request: a field, a line of it. */
  path: readonly string[];
}

export interface Saving {
  save: () => void;
  pending: boolean;
  error: Error | null;
  /** What was refused of a field. */
  refused: (field: string) => Refused | undefined;
}

/** Keeps what a form holds, reads the list anew and closes. */
export function useSaving(keep: () => Promise<unknown>, list: QueryKey, onClose: () => void): Saving {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: keep,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: list });
      onClose();
    },
  });
  const issues = error instanceof ApiError ? error.issues : [];
  return {
    save: () => {
      mutate();
    },
    pending: isPending,
    error,
    refused: (field) => {
      const issue = issues.find((one) => pathOf(one).startsWith(`/${field}`));
      return issue === undefined ? undefined : { message: issue.message, path: pathOf(issue).split('/').slice(1) };
    },
  };
}

interface SaveFormProps {
  saving: Saving;
  /** The fields that show what was refused of them. */
  fields: readonly string[];
  onClose: () => void;
  children: ReactNode;
}

export function SaveForm({ saving, fields, onClose, children }: SaveFormProps) {
  const { t } = useTranslation('settings');
  const fault = useFaultText();
  const { error, pending, refused, save } = saving;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="md">
        {children}
        {error && !fields.some((field) => refused(field) !== undefined) && (
          <Text size="sm" c="red" role="alert">
            {fault(error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={pending}>
            {t('common:action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
