// A retry policy in one sentence.

import { useTranslation } from 'react-i18next';

import type { RetryPolicy } from '@/shared/graph/types';

import { shortDuration } from '../model/duration';

/** What the engine takes where a policy says nothing. */
export const DEFAULT_RETRY = {
  max_attempts: 3,
  backoff: 'exponential',
  initial_ms: 10_000,
  factor: 2,
  cap_ms: 300_000,
  jitter: 0.2,
} as const satisfies RetryPolicy;

function pauses(policy: RetryPolicy): number[] {
  const count = (policy.max_attempts ?? DEFAULT_RETRY.max_attempts) - 1;
  const initial = policy.initial_ms ?? DEFAULT_RETRY.initial_ms;
  const cap = policy.cap_ms ?? DEFAULT_RETRY.cap_ms;
  const factor = policy.factor ?? DEFAULT_RETRY.factor;
  return Array.from({ length: count }, (_, index) => {
    switch (policy.backoff ?? DEFAULT_RETRY.backoff) {
      case 'fixed':
        return Math.min(cap, initial);
      case 'linear':
        return Math.min(cap, initial * (index + 1));
      case 'exponential':
        return Math.min(cap, initial * factor ** index);
    }
  });
}

export function useRetrySummary(): (policy: RetryPolicy) => string {
  const { t, i18n } = useTranslation('designer');
  return (policy) => {
    const list = pauses(policy);
    if (list.length === 0) return t('retry.once');
    const text = (ms: number): string => shortDuration(ms, i18n.language);
    const shown = list.slice(0, 4).map(text).join(', ') + (list.length > 4 ? '…' : '');
    return t('retry.summary', { count: list.length + 1, pauses: shown });
  };
}
