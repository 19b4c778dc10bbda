// The path of a problem, as the canvas draws it.

import { useEffect, useState } from 'react';

import { createTraceStore, NO_TRACE, type TraceStore } from '@/shared/canvas/trace';

import { knownPath } from '../model/go-to';
import { traceOf } from '../model/trace-path';
import { useDocument, useProblems, useUi } from './designer-context';

export function useTrace(): TraceStore {
  const [store] = useState(createTraceStore);
  const doc = useDocument();
  const problems = useProblems();
  const tracing = useUi((state) => state.tracing);
  useEffect(() => {
    const problem = problems.find((each) => each.id === tracing?.problem);
    store.setState(problem === undefined || tracing === undefined ? NO_TRACE : traceOf(doc, problem, knownPath(doc, problem), tracing.step));
  }, [store, doc, problems, tracing]);
  return store;
}
