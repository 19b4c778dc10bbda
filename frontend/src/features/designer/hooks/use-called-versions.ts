// Keeps at hand what the calls of the document run, so that completion knows what they give.

import { useQueries } from '@tanstack/react-query';

import { calledVersionQuery } from '@/shared/api/called-version';

import { useDesigner } from './designer-context';

/** More definitions than this are asked for when somebody opens the call. */
const most = 50;

export function useCalledVersions(): void {
  const called = useDesigner((state) =>
    [...new Set(state.doc.nodes.flatMap((node) => (node.call === undefined ? [] : [`${node.call.definition}@${String(node.call.version ?? 0)}`])))].slice(0, most).join(' '),
  );
  useQueries({
    queries: called === '' ? [] : called.split(' ').map((each) => {
      const [definition = '', version = '0'] = each.split('@');
      return calledVersionQuery(definition, Number(version));
    }),
  });
}
