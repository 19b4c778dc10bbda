// @vitest-environment jsdom
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { line } from '@/shared/graph/testing';

import { readIncoming, RefusedDocument } from './incoming';

const sent = vi.fn<(body: string) => unknown[]>();
const server = setupServer(
  http.post('*/api/v1/definitions/:key/validate', async ({ request }) => HttpResponse.json({ issues: sent(await request.text()) })),
);

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
});
afterEach(() => {
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});

function file(content: string, name = 'my process.json'): File {
  const made = new File([content], name);
  // The test's document has files without this method.
  Object.defineProperty(made, 'arrayBuffer', { value: () => Promise.resolve(new TextEncoder().encode(content).buffer) });
  return made;
}

describe('a JSON file that comes in', () => {
  it('is judged as it is, to the letter, and filled in as the server would', async () => {
    sent.mockReturnValue([]);
    const text = '\ufeff{"schema":1, "nodes":[{"id":"a","kind":"parallel_gateway"}], "edges":[]}';
    const incoming = await readIncoming('key', file(text), undefined);
    expect(sent).toHaveBeenLastCalledWith(text.slice(1));
    expect(incoming.document).toEqual({ schema: 1, nodes: [{ id: 'a', kind: 'parallel_gateway', title: '' }], edges: [], layout: {} });
    expect(incoming.title).toBe('my process');
  });

  it('is refused with the list of what the server can’t read', async () => {
    sent.mockReturnValue([
      { code: 'document.wrong_type', path: '/nodes/0/title', message: 'it must be a text', severity: 'error' },
      { code: 'graph.no_start', message: 'there is no start', severity: 'error' },
    ]);
    const error: unknown = await readIncoming('key', file('{"schema":1}'), undefined).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RefusedDocument);
    expect(error).toMatchObject({ issues: [{ code: 'document.wrong_type' }] });
  });

  it('may have problems that do not keep it from being a draft', async () => {
    sent.mockReturnValue([{ code: 'graph.no_start', message: 'there is no start', severity: 'error' }]);
    const incoming = await readIncoming('key', file(JSON.stringify(line())), undefined);
    expect(incoming.issues).toHaveLength(1);
    expect(incoming.document).toEqual(line());
  });

  it('tells which numbers a browser would change', async () => {
    sent.mockReturnValue([]);
    const incoming = await readIncoming('key', file('{"schema":1,"nodes":[],"edges":[],"extensions":{"n":9007199254740993}}'), undefined);
    expect(incoming.digits).toEqual(['9007199254740993']);
  });

  it('that is too large is not sent', async () => {
    sent.mockClear();
    await expect(readIncoming('key', file(`{"a":"${'x'.repeat(1 << 20)}"}`), undefined)).rejects.toMatchObject({ code: 'too_large' });
    expect(sent).not.toHaveBeenCalled();
  });
});
