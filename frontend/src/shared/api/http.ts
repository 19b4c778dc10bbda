// The one way to the server: paths below /api/v1, JSON both ways, refusals as ApiError.
import { ApiError, problemOf } from './problem';

export const apiBase = '/api/v1';

type Query = Record<string, string | number | boolean | readonly string[] | undefined | null>;

export interface RequestOptions {
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  status: number;
  headers: Headers;
}

export function withQuery(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') {
      if (value.length > 0) params.set(name, value.join(','));
    } else {
      params.set(name, String(value));
    }
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

type Signed = (signedIn: boolean) => void;
let onUnauthorized: Signed | undefined;

/** The session listens here for a 401 of any request. */
export function whenUnauthorized(listener: Signed): void {
  onUnauthorized = listener;
}

async function send<T>(method: string, path: string, body: BodyInit | undefined, options: RequestOptions): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(new URL(apiBase + withQuery(path, options.query), window.location.origin), {
      method,
      body,
      headers: { Accept: 'application/json', ...options.headers },
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({ status: 0, code: 'network', title: 'the server does not answer' });
  }
  if (!response.ok) {
    if (response.status === 401 && path !== '/session') onUnauthorized?.(false);
    throw await problemOf(response);
  }
  const text = response.status === 204 ? '' : await response.text();
  return { data: (text ? JSON.parse(text) : undefined) as T, status: response.status, headers: response.headers };
}

function withJson(options: RequestOptions, body: unknown): [BodyInit | undefined, RequestOptions] {
  if (body === undefined) return [undefined, options];
  return [JSON.stringify(body), { ...options, headers: { 'Content-Type': 'application/json', ...options.headers } }];
}

export const http = {
  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return (await send<T>('GET', path, undefined, options)).data;
  },
  async post<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return (await send<T>('POST', path, ...withJson(options, body))).data;
  },
  async put<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return (await send<T>('PUT', path, ...withJson(options, body))).data;
  },
  async patch<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return (await send<T>('PATCH', path, ...withJson(options, body))).data;
  },
  async delete(path: string, options: RequestOptions = {}): Promise<void> {
    await send<undefined>('DELETE', path, undefined, options);
  },
  /** With status and headers, where they carry meaning (ETag, 200 or 201). */
  async full<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return send<T>(method, path, ...withJson(options, body));
  },
  async form<T>(path: string, form: FormData, options: RequestOptions = {}): Promise<T> {
    return (await send<T>('POST', path, form, options)).data;
  },
};
