// Which tabs of this browser have a draft open: unsaved work of a tab that does not answer was left behind.

const CHANNEL = 'taskurotta-drafts';
const PATIENCE_MS = 150;

type Word = { type: 'who'; definition: string } | { type: 'here'; definition: string; tab: string };

function isWord(value: unknown): value is Word {
  return typeof value === 'object' && value !== null && 'type' in value && 'definition' in value;
}

/** Answers for this tab until the returned function is called. */
export function answerRoll(definition: string, tab: string): () => void {
  if (!('BroadcastChannel' in globalThis)) return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isWord(data) || data.type !== 'who' || data.definition !== definition) return;
    const word: Word = { type: 'here', definition, tab };
    channel.postMessage(word);
  });
  return () => {
    channel.close();
  };
}

/** The tabs that answer. */
export async function callRoll(definition: string): Promise<Set<string>> {
  const tabs = new Set<string>();
  if (!('BroadcastChannel' in globalThis)) return tabs;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isWord(data) && data.type === 'here' && data.definition === definition) tabs.add(data.tab);
  });
  const word: Word = { type: 'who', definition };
  channel.postMessage(word);
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  channel.close();
  return tabs;
}
