// One websocket for the whole app: subscriptions survive its loss and are asked again, with what is already known.
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { ClientMessage, ServerMessage, SubscriptionMessage, Topic } from './messages';
import { parseServerMessage } from './messages';

export interface Socket {
  send(text: string): void;
  close(): void;
  reconnect(): void;
  addEventListener(type: 'open' | 'close', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export type LivePhase = 'connecting' | 'catching_up' | 'live' | 'lost';

export interface LiveState {
  phase: LivePhase;
  /** When the connection was lost (ms since epoch); what is shown is of that moment. */
  lostAt: number | undefined;
}

interface Subscription {
  id: string;
  topic: () => Topic;
  onMessage: (message: SubscriptionMessage) => void;
  answered: boolean;
}

export interface LiveHandle {
  /** Asks again, with the topic as it is now. */
  refresh(): void;
  /** Of the topic draft: the tab takes over from the one that edits, or lets go for the one that takes over. */
  say(what: 'take_over' | 'let_go'): void;
  close(): void;
}

const pingEvery = 15_000;
const silenceLimit = 40_000;

export class LiveClient {
  readonly state: StoreApi<LiveState> = createStore<LiveState>(() => ({ phase: 'connecting', lostAt: undefined }));
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly connect: () => Socket;
  private socket: Socket | undefined;
  private open = false;
  private nextId = 1;
  private heardAt = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(connect: () => Socket) {
    this.connect = connect;
  }

  start(): void {
    if (this.socket) return;
    const socket = this.connect();
    this.socket = socket;
    socket.addEventListener('open', () => {
      this.opened();
    });
    socket.addEventListener('close', () => {
      this.closed();
    });
    socket.addEventListener('message', (event) => {
      if (typeof event.data === 'string') this.heard(event.data);
    });
    this.timer = setInterval(() => {
      this.watch();
    }, pingEvery);
  }

  stop(): void {
    clearInterval(this.timer);
    this.socket?.close();
    this.socket = undefined;
    this.open = false;
  }

  /** The topic is asked for at each subscription, so that a resume says what is known by then. */
  subscribe(topic: () => Topic, onMessage: (message: SubscriptionMessage) => void): LiveHandle {
    const subscription: Subscription = { id: `s${this.nextId++}`, topic, onMessage, answered: false };
    this.subscriptions.set(subscription.id, subscription);
    this.ask(subscription);
    return {
      refresh: () => {
        if (this.subscriptions.has(subscription.id)) this.ask(subscription);
      },
      say: (what) => {
        this.send({ type: what, id: subscription.id });
      },
      close: () => {
        this.subscriptions.delete(subscription.id);
        this.send({ type: 'unsubscribe', id: subscription.id });
        this.settle();
      },
    };
  }

  private opened(): void {
    this.open = true;
    this.heardAt = Date.now();
    for (const subscription of this.subscriptions.values()) this.ask(subscription);
    this.settle();
  }

  private closed(): void {
    this.open = false;
    for (const subscription of this.subscriptions.values()) subscription.answered = false;
    const { lostAt } = this.state.getState();
    this.state.setState({ phase: 'lost', lostAt: lostAt ?? Date.now() });
  }

  private heard(text: string): void {
    this.heardAt = Date.now();
    const message: ServerMessage | undefined = parseServerMessage(text);
    if (!message || message.type === 'hello' || message.type === 'pong') return;
    const subscription = message.id === undefined ? undefined : this.subscriptions.get(message.id);
    if (!subscription) return;
    subscription.answered = true;
    subscription.onMessage(message);
    this.settle();
  }

  /** Live only when every subscription has answered since the connection came back. */
  private settle(): void {
    if (!this.open) return;
    const waiting = [...this.subscriptions.values()].some((subscription) => !subscription.answered);
    const { lostAt } = this.state.getState();
    if (waiting && lostAt !== undefined) this.state.setState({ phase: 'catching_up', lostAt });
    else this.state.setState({ phase: 'live', lostAt: undefined });
  }

  private ask(subscription: Subscription): void {
    this.send({ type: 'subscribe', id: subscription.id, ...subscription.topic() });
  }

  private send(message: ClientMessage): void {
    if (this.open) this.socket?.send(JSON.stringify(message));
  }

  /** A connection that is open but dumb is no connection. */
  private watch(): void {
    if (!this.open) return;
    if (Date.now() - this.heardAt > silenceLimit) this.socket?.reconnect();
    else this.send({ type: 'ping' });
  }
}
