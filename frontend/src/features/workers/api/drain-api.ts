import { api, take } from '@/shared/api/client';

/** Whom an order is for: one worker, or all of a pool or on a host. */
export type DrainSubject = { worker: string } | { pool: string } | { host: string };

export interface DrainForm {
  /** What still runs then is handed back; zero: it may take its time. */
  minutes: number;
  stay: boolean;
}

export async function drainWorkers(subject: DrainSubject, form: DrainForm, reason: string): Promise<void> {
  const body = { ...subject, reason, stay: form.stay, ...(form.minutes > 0 && { within_s: form.minutes * 60 }) };
  await take(api.POST('/workers/drain', { body }));
}

export async function undrainWorkers(subject: DrainSubject, reason: string): Promise<void> {
  await take(api.POST('/workers/undrain', { body: { ...subject, reason } }));
}
