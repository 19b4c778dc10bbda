import {
  Button, Group, Modal, MultiSelect, PasswordInput, Stack, Switch,
  TagsInput, Text, TextInput,
} from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';
import type { User } from '@/shared/api/types';
import { useMe } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Card } from '@/shared/ui/page';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { isRole, roles, settings, usersQuery, type Role } from '../api/settings-api';

export function UsersCard() {
  const { t } = useTranslation('settings');
  const [adding, setAdding] = useState(false);
  const users = useQuery(usersQuery);
  const close = () => {
    setAdding(false);
  };
  return (
    <Card
      flush
      title={t('users.title')}
      aside={
        <Button
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => {
            setAdding(true);
          }}
        >
          {t('users.add')}
        </Button>
      }
    >
      {users.error ? (
        <ErrorState error={users.error} onRetry={() => void users.refetch()} />
      ) : users.isPending ? (
        <LoadingRows rows={3} />
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('users.who')}</th>
              <th>{t('users.roles')}</th>
              <th>{t('users.groups')}</th>
              <th>{t('users.active')}</th>
            </tr>
          </thead>
          <tbody>
            {users.data.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </tbody>
        </table>
      )}
      <Modal opened={adding} onClose={close} title={t('users.add')} keepMounted={false}>
        <NewUser onDone={close} />
      </Modal>
    </Card>
  );
}

function useRoleOptions() {
  const { t } = useTranslation('settings');
  return roles.map((role) => ({ value: role, label: t(`role.${role}`) }));
}

/** Every group that somebody is in already. */
function useKnownGroups(): string[] {
  const { data } = useQuery(usersQuery);
  return [...new Set((data ?? []).flatMap((user) => user.groups))].sort((a, b) => a.localeCompare(b));
}

function UserRow({ user }: { user: User }) {
  const { t } = useTranslation('settings');
  const fault = useFaultText();
  const me = useMe();
  const client = useQueryClient();
  const options = useRoleOptions();
  const known = useKnownGroups();
  const [disabling, setDisabling] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  const change = useMutation({
    mutationFn: (next: { roles?: Role[]; groups?: string[]; disabled?: boolean }) => settings.updateUser(user.id, next),
    onSettled: refresh,
  });
  const own = user.id === me.user_id;
  return (
    <tr>
      <td>
        <div className={table.strong}>{user.name || user.login}</div>
        <div className={table.muted}>{user.login}</div>
        {change.error && (
          <Text size="xs" c="red" role="alert">
            {fault(change.error)}
          </Text>
        )}
      </td>
      <td>
        <MultiSelect
          size="xs"
          aria-label={t('users.roles_of', { name: user.login })}
          data={options}
          disabled={own}
          value={user.roles}
          onChange={(next) => {
            change.mutate({ roles: next.filter(isRole) });
          }}
        />
      </td>
      <td>
        <TagsInput
          size="xs"
          aria-label={t('users.groups_of', { name: user.login })}
          data={known}
          maxTags={100}
          value={user.groups}
          onChange={(groups) => {
            change.mutate({ groups });
          }}
        />
      </td>
      <td>
        <Switch
          aria-label={t('users.active_of', { name: user.login })}
          checked={!user.disabled}
          disabled={own}
          onChange={(event) => {
            if (event.currentTarget.checked) change.mutate({ disabled: false });
            else setDisabling(true);
          }}
        />
        {disabling && (
          <RemoveDialog
            title={t('users.disable_title', { name: user.login })}
            text={t('users.disable_note')}
            confirm={t('users.disable_confirm')}
            remove={() => settings.updateUser(user.id, { disabled: true })}
            onRemoved={refresh}
            onClose={() => {
              setDisabling(false);
            }}
          />
        )}
      </td>
    </tr>
  );
}

const passwordLength = 8;

function NewUser({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('settings');
  const fault = useFaultText();
  const client = useQueryClient();
  const options = useRoleOptions();
  const known = useKnownGroups();
  const [groups, setGroups] = useState<string[]>([]);
  const [login, setLogin] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [chosen, setChosen] = useState<Role[]>(['viewer']);
  const create = useMutation({
    mutationFn: settings.createUser,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      onDone();
    },
  });
  const issueOf = (path: string) =>
    create.error instanceof ApiError ? create.error.issues.find((issue) => issue.path === path)?.message : undefined;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate({ login: login.trim(), name: name.trim(), password, roles: chosen, groups });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('users.login')}
          required
          data-autofocus
          autoComplete="off"
          value={login}
          error={issueOf('/login')}
          onChange={(event) => {
            setLogin(event.currentTarget.value);
          }}
        />
        <TextInput
          label={t('users.name')}
          value={name}
          error={issueOf('/name')}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label={t('users.password')}
          description={t('users.password_hint', { n: passwordLength })}
          required
          minLength={passwordLength}
          autoComplete="new-password"
          value={password}
          error={issueOf('/password')}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <MultiSelect
          label={t('users.roles')}
          data={options}
          value={chosen}
          error={issueOf('/roles')}
          onChange={(next) => {
            setChosen(next.filter(isRole));
          }}
        />
        <TagsInput label={t('users.groups')} description={t('users.groups_hint')} data={known} maxTags={100} value={groups} onChange={setGroups} />
        {create.error && (
          <Text size="sm" c="red" role="alert">
            {fault(create.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('users.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
