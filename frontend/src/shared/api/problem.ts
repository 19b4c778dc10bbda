// What the server says when it refuses: application/problem+json with a stable code and issues on fields.

export interface Issue {
  path?: string;
  code: string;
  message: string;
  severity?: 'error' | 'warning';
  node?: string;
  edge?: string;
  field?: string;
  params?: Record<string, unknown>;
}

export interface Problem {
  type?: string;
  title?: string;
  status: number;
  detail?: string;
  code?: string;
  request_id?: string;
  /** What a translated text of the code names. */
  params?: Record<string, unknown>;
  issues?: Issue[];
}

/** A refusal of the server, or its absence (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly params: Record<string, unknown>;
  readonly issues: readonly Issue[];
  readonly body: unknown;

  constructor(problem: Problem, body?: unknown) {
    super(problem.detail ?? problem.title ?? problem.code ?? 'request refused');
    this.name = 'ApiError';
    this.status = problem.status;
    this.code = problem.code ?? (problem.status === 0 ? 'network' : `http_${problem.status}`);
    this.requestId = problem.request_id;
    this.params = problem.params ?? {};
    this.issues = problem.issues ?? [];
    this.body = body;
  }
}

export function isApiError(error: unknown, code?: string): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

/** Reads a refusal out of a response's body, whatever it is; what is no JSON came from a proxy, and the status says enough. */
export function problemFrom(body: unknown, response: Response): ApiError {
  if (body !== null && typeof body === 'object') {
    return new ApiError({ ...(body as Partial<Problem>), status: response.status }, body);
  }
  return new ApiError({ status: response.status, title: response.statusText || `HTTP ${response.status}` });
}
