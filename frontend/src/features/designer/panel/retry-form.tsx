// What happens when a step does not succeed: every member of the retry policy and of the timeouts, and in one sentence
// what they come to.

import { Button, NumberInput, SegmentedControl, Slider, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { localized, type NodeType } from '@/shared/graph/node-type';
import type { Backoff, GraphNode, RetryPolicy, ServiceTask, Timeouts } from '@/shared/graph/types';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useNodeEdit } from '../hooks/use-edit';
import { FieldFrame } from '../fields/field-frame';
import { DurationInput } from '../fields/duration-input';
import { DEFAULT_RETRY, useRetrySummary } from './retry-summary';
import classes from './panel.module.css';

const BACKOFFS: readonly Backoff[] = ['fixed', 'linear', 'exponential'];

function isBackoff(value: string): value is Backoff {
  return BACKOFFS.some((each) => each === value);
}

/** Members without a value are left out; a policy without members is none. */
function compact<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined && !(Array.isArray(each) && each.length === 0));
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

export function RetryForm({ node, service, type }: { node: GraphNode; service: ServiceTask; type: NodeType | undefined }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const summary = useRetrySummary();
  const retry = service.retry ?? {};
  const timeouts = service.timeouts ?? {};
  const owner = { node: node.id };

  const setRetry = (name: keyof RetryPolicy, part: Loose<RetryPolicy>, typing = false): void => {
    const label = { key: 'step.change_field', params: { field: t(`retry.${name}`), title: node.title } };
    change(
      label,
      (each) => {
        if (each.service === undefined) return each;
        const { retry: before, ...rest } = each.service;
        const next = compact({ ...before, ...part });
        return { ...each, service: next === undefined ? rest : { ...rest, retry: next } };
      },
      typing ? `/service/retry/${name}` : undefined,
    );
  };
  const setTimeouts = (name: keyof Timeouts, value: number | undefined): void => {
    const label = { key: 'step.change_field', params: { field: t(`timeout.${name}`), title: node.title } };
    change(
      label,
      (each) => {
        if (each.service === undefined) return each;
        const { timeouts: before, ...rest } = each.service;
        const next = compact({ ...before, [name]: value });
        return { ...each, service: next === undefined ? rest : { ...rest, timeouts: next } };
      },
      `/service/timeouts/${name}`,
    );
  };
  const backoff = retry.backoff ?? DEFAULT_RETRY.backoff;
  const attempts = retry.max_attempts ?? DEFAULT_RETRY.max_attempts;
  const codes = [...(type?.errors ?? []).map((error) => error.code)];
  const field = (name: string): string => `/service/retry/${name}`;
  const duration = (name: 'initial_ms' | 'cap_ms' | 'total_ms', usual: number | undefined) => (
    <FieldFrame field={field(name)} owner={owner} label={t(`retry.${name}`)}>
      <DurationInput
        label={t(`retry.${name}`)}
        value={retry[name]}
        usual={usual}
        onBlur={endTyping}
        onChange={(value) => {
          setRetry(name, { [name]: value }, true);
        }}
      />
    </FieldFrame>
  );
  const tags = (name: 'retry_codes' | 'dont_retry_codes') => (
    <FieldFrame field={field(name)} owner={owner} label={t(`retry.${name}`)} description={t(`retry.${name}_text`)}>
      <TagsInput
        aria-label={t(`retry.${name}`)}
        size="sm"
        data={codes}
        value={retry[name] ?? []}
        placeholder={(retry[name] ?? []).length === 0 ? t('retry.codes_placeholder') : ''}
        onChange={(next) => {
          setRetry(name, { [name]: next });
        }}
      />
    </FieldFrame>
  );
  return (
    <>
      <div className={classes.alarm} style={{ background: 'var(--tk-soft)', color: 'var(--tk-ink)' }}>
        <span>{summary(retry)}</span>
      </div>
      <div className={classes.two}>
        <FieldFrame field={field('max_attempts')} owner={owner} label={t('retry.max_attempts')}>
          <NumberInput
            aria-label={t('retry.max_attempts')}
            min={1}
            max={100}
            clampBehavior="blur"
            allowDecimal={false}
            value={retry.max_attempts ?? ''}
            placeholder={String(DEFAULT_RETRY.max_attempts)}
            onBlur={endTyping}
            onChange={(value) => {
              setRetry('max_attempts', { max_attempts: typeof value === 'number' && value > 0 ? value : undefined }, true);
            }}
          />
        </FieldFrame>
        {duration('initial_ms', DEFAULT_RETRY.initial_ms)}
      </div>
      {attempts > 1 && (
        <>
          <FieldFrame field={field('backoff')} owner={owner} label={t('retry.backoff')}>
            <SegmentedControl
              aria-label={t('retry.backoff')}
              fullWidth
              size="xs"
              data={BACKOFFS.map((each) => ({ value: each, label: t(`retry.${each}`) }))}
              value={backoff}
              onChange={(value) => {
                if (isBackoff(value)) setRetry('backoff', { backoff: value, ...(value !== 'exponential' && { factor: undefined }) });
              }}
            />
          </FieldFrame>
          <div className={classes.two}>
            {backoff === 'exponential' && (
              <FieldFrame field={field('factor')} owner={owner} label={t('retry.factor')}>
                <NumberInput
                  aria-label={t('retry.factor')}
                  min={1}
                  max={100}
                  decimalScale={2}
                  step={0.5}
                  clampBehavior="blur"
                  value={retry.factor ?? ''}
                  placeholder={String(DEFAULT_RETRY.factor)}
                  onBlur={endTyping}
                  onChange={(value) => {
                    setRetry('factor', { factor: typeof value === 'number' && value > 0 ? value : undefined }, true);
                  }}
                />
              </FieldFrame>
            )}
            {duration('cap_ms', DEFAULT_RETRY.cap_ms)}
          </div>
          <FieldFrame field={field('jitter')} owner={owner} label={t('retry.jitter')}>
            <Slider
              aria-label={t('retry.jitter')}
              thumbLabel={t('retry.jitter')}
              min={0}
              max={100}
              step={5}
              mb={4}
              label={(percent) => `${percent} %`}
              value={Math.round((retry.jitter ?? DEFAULT_RETRY.jitter) * 100)}
              onChange={(percent) => {
                setRetry('jitter', { jitter: percent / 100 }, true);
              }}
              onChangeEnd={endTyping}
            />
          </FieldFrame>
          {duration('total_ms', undefined)}
          {tags('retry_codes')}
          {tags('dont_retry_codes')}
        </>
      )}
      {service.retry !== undefined && (
        <div>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => {
              change({ key: 'step.retry_default', params: { title: node.title } }, (each) => {
                if (each.service === undefined) return each;
                const { retry: _, ...rest } = each.service;
                return { ...each, service: rest };
              });
            }}
          >
            {t('retry.reset')}
          </Button>
        </div>
      )}
      <h4 className={classes.section}>{t('timeout.title')}</h4>
      <div className={classes.two}>
        {(['attempt_ms', 'total_ms', 'queue_ms', 'heartbeat_ms'] as const).map((name) => (
          <FieldFrame key={name} field={`/service/timeouts/${name}`} owner={owner} label={t(`timeout.${name}`)}>
            <DurationInput
              label={t(`timeout.${name}`)}
              value={timeouts[name]}
              usual={name === 'attempt_ms' ? 3_600_000 : undefined}
              onBlur={endTyping}
              onChange={(value) => {
                setTimeouts(name, value);
              }}
            />
          </FieldFrame>
        ))}
      </div>
      <p className={classes.note}>{t('timeout.hint')}</p>
      {(type?.errors.length ?? 0) > 0 && (
        <p className={classes.note}>
          {t('retry.business', { codes: type?.errors.map((error) => `${error.code} (${localized(error.title, currentLanguage())})`).join(', ') ?? '' })}
        </p>
      )}
    </>
  );
}
