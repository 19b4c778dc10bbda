// The called processes that somebody opens in the tree, loaded and kept true.

import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { useLiveProcesses } from '@/shared/run/use-live-process';

import { calledQuery } from '../api/process-api';
import { asked, type Family, type TreeNode } from '../model/tree';

/** The server feeds so many processes over one socket, and the page itself takes some of them. */
const openAtMost = 24;

interface Asked {
  opened: string[];
  earlier: string[];
}

const nothing: Asked = { opened: [], earlier: [] };

export function useFamily(process: string): { family: Family; ask: (tree: TreeNode, toggled: ReadonlySet<string>) => void } {
  const [wanted, setWanted] = useState(nothing);
  const opened = useLiveProcesses(wanted.opened);
  const lists = useQueries({
    queries: wanted.earlier.map((task) => calledQuery(process, task)),
    combine: (results) => results.map((result) => result.data),
  });
  const earlier = useMemo(
    () => new Map(wanted.earlier.flatMap((task, index) => (lists[index] === undefined ? [] : [[task, lists[index]]]))),
    [wanted, lists],
  );
  const family = useMemo(() => ({ opened, earlier }), [opened, earlier]);
  const ask = (tree: TreeNode, toggled: ReadonlySet<string>): void => {
    const next = asked(tree, toggled);
    setWanted((old) => {
      // What was opened once stays true: of a process that is not followed any more an older state would be shown.
      const before = old.opened.filter((id) => !next.opened.includes(id));
      const opened = [...next.opened, ...before].slice(0, openAtMost);
      const same = opened.length === old.opened.length && opened.every((id) => old.opened.includes(id)) && old.earlier.join() === next.earlier.join();
      return same ? old : { opened, earlier: next.earlier };
    });
  };
  return { family, ask };
}

/** Asks for what the tree shows open, whenever that changes. */
export function useAsking(tree: TreeNode, toggled: ReadonlySet<string>, ask: (tree: TreeNode, toggled: ReadonlySet<string>) => void): void {
  useEffect(() => {
    ask(tree, toggled);
    // The function itself is new each time and always means the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [tree, toggled]);
}
