import { Alert, Button, Group, JsonInput, Modal, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconSchema } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery, versionsQuery } from '@/shared/api/definitions';
import { ApiError } from '@/shared/api/problem';
import type { Schedule } from '@/shared/api/types';
import { CronField } from '@/shared/cron/cron-field';
import { AnchorLink } from '@/shared/ui/anchor-link';

import { schedules } from '../api/schedules-api';
import { formOf, MISFIRES, newRule, objectOf, OVERLAPS, ruleOf, type RuleForm } from '../model/rule-form';
import classes from '../schedules.module.css';

interface RuleDialogProps {
  /** Absent: a new one. */
  schedule?: Schedule;
  onClose: () => void;
}

export function RuleDialog({ schedule, onClose }: RuleDialogProps) {
  const { t } = useTranslation('schedules');
  return (
    <Modal opened onClose={onClose} size={760} title={t(schedule ? 'edit' : 'add')}>
      <Form onClose={onClose} {...(schedule === undefined ? {} : { schedule })} />
    </Modal>
  );
}

function Form({ schedule, onClose }: RuleDialogProps) {
  const { t } = useTranslation('schedules');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState<RuleForm>(() => (schedule ? formOf(schedule) : newRule('')));
  const change = (part: Partial<RuleForm>): void => {
    setForm((before) => ({ ...before, ...part }));
  };
  const save = useMutation({
    mutationFn: () => (schedule ? schedules.update(schedule, ruleOf(form)) : schedules.create(ruleOf(form))),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
      if (!schedule) await navigate({ to: '/schedules/$scheduleId', params: { scheduleId: saved.id } });
    },
  });
  const issues = save.error instanceof ApiError ? save.error.issues : [];
  const issueOf = (field: string): string | undefined => issues.find((issue) => issue.path === `/${field}` || issue.path?.startsWith(`/${field}/`))?.message;
  const complaints = issues.length === 0 ? save.error?.message : undefined;
  const drawn = schedule?.node_id !== undefined;
  const broken = objectOf(form.input) === undefined;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!broken) save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {drawn && (
          <Alert variant="light" icon={<IconSchema size={18} />}>
            {t('drawn')}{' '}
            <AnchorLink to="/definitions/$key" params={{ key: schedule.definition }} size="sm">
              {t('open_designer')}
            </AnchorLink>
          </Alert>
        )}
        <What form={form} drawn={drawn} issueOf={issueOf} onChange={change} />
        <CronField
          cron={form.cron}
          zone={form.zone}
          disabled={drawn}
          cronError={issueOf('cron')}
          zoneError={issueOf('zone')}
          onChange={change}
        />
        <JsonInput
          label={t('input')}
          description={t('input_hint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          autosize
          minRows={3}
          maxRows={12}
          disabled={drawn}
          value={form.input}
          error={broken ? t('input_broken') : issueOf('input')}
          onChange={(input) => {
            change({ input });
          }}
        />
        <Policies form={form} issueOf={issueOf} onChange={change} />
        {complaints !== undefined && (
          <Text size="sm" c="red" role="alert">
            {complaints}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={broken || form.definition === ''}>
            {t('common:action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  form: RuleForm;
  issueOf: (field: string) => string | undefined;
  onChange: (part: Partial<RuleForm>) => void;
}

function What({ form, drawn, issueOf, onChange }: PartProps & { drawn: boolean }) {
  const { t } = useTranslation('schedules');
  const definitions = useQuery(definitionsQuery(''));
  const versions = useQuery({ ...versionsQuery(form.definition), enabled: form.definition !== '' });
  const known = definitions.data?.items.filter((one) => one.latest > 0 || one.key === form.definition) ?? [];
  const numbers = versions.data?.map((version) => version.number) ?? [];
  return (
    <>
      <Group grow align="flex-start">
        <Select
          label={t('definition')}
          placeholder={t('choose')}
          required
          searchable
          allowDeselect={false}
          disabled={drawn}
          data={known.map((one) => ({ value: one.key, label: `${one.title} (${one.key})` }))}
          nothingFoundMessage={t('no_definition')}
          value={form.definition === '' ? null : form.definition}
          error={issueOf('definition')}
          onChange={(definition) => {
            const title = known.find((one) => one.key === definition)?.title ?? '';
            onChange({ definition: definition ?? '', version: 0, ...(form.name === '' ? { name: title } : {}) });
          }}
        />
        <Select
          label={t('version')}
          allowDeselect={false}
          disabled={drawn || form.definition === ''}
          data={[{ value: '0', label: t('latest') }, ...numbers.map((number) => ({ value: String(number), label: `v${number}` }))]}
          value={String(form.version)}
          error={issueOf('version')}
          onChange={(version) => {
            onChange({ version: Number(version) });
          }}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          label={t('name')}
          required
          maxLength={200}
          disabled={drawn}
          value={form.name}
          error={issueOf('name')}
          onChange={(event) => {
            onChange({ name: event.currentTarget.value });
          }}
        />
        <TextInput
          label="customId"
          placeholder="report {{formatDate(now(), '2006-01-02')}}"
          description={t('custom_id_hint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          disabled={drawn}
          value={form.customId}
          error={issueOf('custom_id')}
          onChange={(event) => {
            onChange({ customId: event.currentTarget.value });
          }}
        />
      </Group>
    </>
  );
}

function Policies({ form, issueOf, onChange }: PartProps) {
  const { t } = useTranslation('schedules');
  return (
    <fieldset className={classes.policies}>
      <legend>{t('policies')}</legend>
      <Group grow align="flex-start">
        <Select
          label={t('misfire')}
          description={t(`misfire_doc.${form.misfire}`)}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          allowDeselect={false}
          data={MISFIRES.map((value) => ({ value, label: t(`misfires.${value}`) }))}
          value={form.misfire}
          onChange={(value) => {
            const misfire = MISFIRES.find((each) => each === value);
            if (misfire) onChange({ misfire });
          }}
        />
        <Group gap="xs" grow align="flex-start">
          {form.misfire === 'catch_up' && (
            <Amount label={t('catch_up_most')} least={1} most={1000} value={form.catchUpMost} error={issueOf('catch_up_most')} onChange={(catchUpMost) => { onChange({ catchUpMost }); }} />
          )}
          <Amount label={t('late_after')} least={1} most={86_400} value={form.lateAfterS} error={issueOf('late_after_s')} onChange={(lateAfterS) => { onChange({ lateAfterS }); }} />
        </Group>
      </Group>
      <Group grow align="flex-start">
        <Select
          label={t('overlap')}
          description={t(`overlap_doc.${form.overlap}`)}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          allowDeselect={false}
          data={OVERLAPS.map((value) => ({ value, label: t(`overlaps.${value}`) }))}
          value={form.overlap}
          onChange={(value) => {
            const overlap = OVERLAPS.find((each) => each === value);
            if (overlap) onChange({ overlap });
          }}
        />
        {form.overlap === 'allow' ? (
          <span />
        ) : (
          <Amount label={t('max_running')} least={1} most={1000} value={form.maxRunning} error={issueOf('max_running')} onChange={(maxRunning) => { onChange({ maxRunning }); }} />
        )}
      </Group>
      <Group grow align="flex-start">
        <Stack gap={6}>
          <Switch
            label={t('stops')}
            checked={form.maxErrors > 0}
            onChange={(event) => {
              onChange({ maxErrors: event.currentTarget.checked ? 3 : 0 });
            }}
          />
          {form.maxErrors > 0 && (
            <Amount label={t('max_errors')} least={1} most={1000} value={form.maxErrors} error={issueOf('max_errors')} onChange={(maxErrors) => { onChange({ maxErrors }); }} />
          )}
        </Stack>
        <Select
          label={t('priority')}
          allowDeselect={false}
          value={String(form.priority)}
          data={[1, 2, 3, 4, 5].map((level) => ({ value: String(level), label: t(`start:priority_${level}`) }))}
          onChange={(priority) => {
            onChange({ priority: Number(priority) });
          }}
        />
      </Group>
    </fieldset>
  );
}

interface AmountProps {
  label: string;
  least: number;
  most: number;
  value: number;
  error: string | undefined;
  onChange: (value: number) => void;
}

function Amount({ label, least, most, value, error, onChange }: AmountProps) {
  return (
    <NumberInput
      label={label}
      min={least}
      max={most}
      clampBehavior="strict"
      allowDecimal={false}
      value={value}
      error={error}
      onChange={(next) => {
        if (typeof next === 'number') onChange(next);
      }}
    />
  );
}
