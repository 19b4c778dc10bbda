import { Alert, Button, Group, Modal, NumberInput, PasswordInput, SegmentedControl, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { IconMailOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';
import type { AlertRule } from '@/shared/api/types';

import { alertRules, rulesQuery } from '../api/alerts-api';
import { fieldsOf, formOf, isKind, isUnit, kinds, newForm, randomSecret, units, withKind, type RuleForm } from '../model/rule-form';

interface RuleDialogProps {
  /** Absent: a new rule. */
  rule: AlertRule | undefined;
  mailConfigured: boolean;
  onClose: () => void;
}

export function RuleDialog({ rule, mailConfigured, onClose }: RuleDialogProps) {
  const { t } = useTranslation('alerts');
  return (
    <Modal opened onClose={onClose} size="lg" title={t(rule ? 'rule.edit' : 'rule.add')}>
      <Form rule={rule} mailConfigured={mailConfigured} onClose={onClose} />
    </Modal>
  );
}

function Form({ rule, mailConfigured, onClose }: RuleDialogProps) {
  const { t, i18n } = useTranslation('alerts');
  const fault = useFaultText();
  const client = useQueryClient();
  const [form, setForm] = useState<RuleForm>(() => (rule ? formOf(rule) : newForm(i18n.language)));
  const [secretShown, setSecretShown] = useState(false);
  const change = (part: Partial<RuleForm>): void => {
    setForm((before) => ({ ...before, ...part }));
  };
  const definitions = useQuery(definitionsQuery(''));
  const save = useMutation({
    mutationFn: () => (rule ? alertRules.update(rule.id, fieldsOf(form)) : alertRules.create({ ...fieldsOf(form), kind: form.kind })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      onClose();
    },
  });
  const issueOf = (path: string): string | undefined => {
    const issue = save.error instanceof ApiError ? save.error.issues.find((one) => one.path === path) : undefined;
    return issue && t(`issue.${issue.code.replace(/^.*\./, '')}`, { defaultValue: issue.message });
  };
  const shownElsewhere = save.error instanceof ApiError && save.error.issues.length > 0;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const ofProcess = form.kind === 'incident_opened' || form.kind === 'process_over_time';
  const known = definitions.data?.items.map((one) => ({ value: one.key, label: `${one.title} (${one.key})` })) ?? [];
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label={t('rule.kind')}
          description={t(`kind_doc.${form.kind}`)}
          data={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
          allowDeselect={false}
          disabled={rule !== undefined}
          value={form.kind}
          onChange={(kind) => {
            if (isKind(kind)) setForm((before) => withKind(before, kind));
          }}
        />
        <TextInput
          label={t('rule.name')}
          placeholder={t(`kind.${form.kind}`)}
          maxLength={200}
          value={form.name}
          error={issueOf('/name')}
          onChange={(event) => {
            change({ name: event.currentTarget.value });
          }}
        />
        <Group grow align="flex-start">
          {ofProcess ? (
            <Select
              label={t('rule.definition')}
              placeholder={t('rule.any_definition')}
              data={known}
              searchable
              clearable
              value={form.definition === '' ? null : form.definition}
              error={issueOf('/definition')}
              onChange={(definition) => {
                change({ definition: definition ?? '' });
              }}
            />
          ) : (
            <TextInput
              label={t('rule.pool')}
              placeholder={t('rule.any_pool')}
              value={form.pool}
              error={issueOf('/pool')}
              onChange={(event) => {
                change({ pool: event.currentTarget.value });
              }}
            />
          )}
          {form.kind === 'incident_opened' ? (
            <TextInput
              label={t('rule.error_code')}
              placeholder={t('rule.any_code')}
              value={form.errorCode}
              error={issueOf('/error_code')}
              onChange={(event) => {
                change({ errorCode: event.currentTarget.value });
              }}
            />
          ) : (
            <Group gap="xs" align="flex-start" wrap="nowrap">
              <NumberInput
                label={t('rule.after')}
                min={1}
                max={99_999}
                allowDecimal={false}
                style={{ flex: 1 }}
                value={form.after}
                error={issueOf('/after_s')}
                onChange={(after) => {
                  change({ after: Number(after) });
                }}
              />
              <Select
                label={t('rule.unit')}
                aria-label={t('rule.unit')}
                w={110}
                allowDeselect={false}
                data={units.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
                value={form.unit}
                onChange={(unit) => {
                  if (isUnit(unit)) change({ unit });
                }}
              />
            </Group>
          )}
        </Group>
        <TagsInput
          label={t('rule.emails')}
          placeholder={form.emails.length === 0 ? t('rule.emails_hint') : ''}
          splitChars={[',', ';', ' ']}
          maxTags={20}
          acceptValueOnBlur
          value={form.emails}
          error={issueOf('/emails')}
          onChange={(emails) => {
            change({ emails });
          }}
        />
        {!mailConfigured && form.emails.length > 0 && (
          <Alert color="yellow" variant="light" icon={<IconMailOff size={18} />}>
            {t('no_mail')}
          </Alert>
        )}
        <Group grow align="flex-start">
          <Stack gap={4}>
            <Text size="sm" fw={500}>
              {t('rule.locale')}
            </Text>
            <SegmentedControl
              aria-label={t('rule.locale')}
              value={form.locale}
              data={[
                { value: 'en', label: 'English' },
                { value: 'ru', label: 'Русский' },
              ]}
              onChange={(locale) => {
                change({ locale: locale === 'ru' ? 'ru' : 'en' });
              }}
            />
          </Stack>
          <NumberInput
            label={t('rule.repeat')}
            description={t('rule.repeat_hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0}
            max={9_600}
            value={form.repeatHours}
            error={issueOf('/repeat_s')}
            onChange={(repeatHours) => {
              change({ repeatHours: Number(repeatHours) });
            }}
          />
        </Group>
        <TextInput
          label={t('rule.webhook')}
          placeholder="https://"
          maxLength={2000}
          value={form.webhookUrl}
          error={issueOf('/webhook_url')}
          onChange={(event) => {
            change({ webhookUrl: event.currentTarget.value });
          }}
        />
        {form.webhookUrl.trim() !== '' && (
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <PasswordInput
              flex={1}
              label={t('rule.secret')}
              description={t('rule.secret_hint')}
              placeholder={rule?.webhook_secret_set ? t('rule.secret_kept') : ''}
              autoComplete="new-password"
              visible={secretShown}
              onVisibilityChange={setSecretShown}
              minLength={16}
              maxLength={200}
              required={!rule?.webhook_secret_set}
              value={form.webhookSecret}
              error={issueOf('/webhook_secret')}
              onChange={(event) => {
                change({ webhookSecret: event.currentTarget.value });
              }}
            />
            <Button
              variant="default"
              onClick={() => {
                change({ webhookSecret: randomSecret() });
                setSecretShown(true);
              }}
            >
              {t('rule.secret_make')}
            </Button>
          </Group>
        )}
        <Switch
          label={t('rule.enabled')}
          checked={form.enabled}
          error={issueOf('/enabled')}
          onChange={(event) => {
            change({ enabled: event.currentTarget.checked });
          }}
        />
        {save.error && !shownElsewhere && (
          <Text size="sm" c="red" role="alert">
            {fault(save.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
