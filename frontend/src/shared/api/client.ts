// The one way to the server: typed by its own OpenAPI document, refusals as ApiError.
import createClient from 'openapi-fetch';

import { ApiError, problemFrom } from './problem';
import type { paths } from './schema';
import type { Known } from './types';

export const apiBase = '/api/v1';

let onUnauthorized: (() => void) | undefined;

/** The session listens here for a 401 of any request but its own. */
export function whenUnauthorized(listener: () => void): void {
  onUnauthorized = listener;
}

/** Sends a request; that nobody answers is an ApiError of status 0. */
async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({ status: 0, code: 'network', title: 'the server does not answer' });
  }
}

export const api = createClient<paths>({
  baseUrl: window.location.origin + apiBase,
  fetch: send,
  querySerializer: { array: { style: 'form', explode: false } },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the server answered; throws what it refused. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<Known<T>> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Known<T>;
  if (response.status === 401 && !response.url.endsWith('/session')) onUnauthorized?.();
  throw problemFrom(error, response);
}
