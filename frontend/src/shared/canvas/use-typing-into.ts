// A note or a frame's title is typed into where it stands: after a double click, or at once when it was just made.

import { useState } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

import type { CanvasEditing } from './canvas-context';

const NOTHING = createStore<{ ref: string | undefined }>()(() => ({ ref: undefined }));

interface Typing {
  on: boolean;
  begin: () => void;
  end: () => void;
}

export function useTypingInto(ref: string, editing: CanvasEditing | undefined): Typing {
  const asked = useStore(editing?.typeInto ?? NOTHING, (state) => state.ref === ref);
  const [begun, setBegun] = useState(false);
  return {
    on: editing !== undefined && (asked || begun),
    begin: () => {
      if (editing !== undefined) setBegun(true);
    },
    end: () => {
      setBegun(false);
      if (asked) editing?.typeInto.setState({ ref: undefined });
    },
  };
}
