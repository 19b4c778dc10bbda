import type { Socket } from '@/shared/live/live-client';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  sent: unknown[] = [];
  reconnects = 0;
  private readonly opened: (() => void)[] = [];
  private readonly closed: (() => void)[] = [];
  private readonly heard: ((event: { data: unknown }) => void)[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.drop();
  }
  reconnect(): void {
    this.reconnects++;
  }
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    if (type === 'message') this.heard.push(listener);
    const plain = () => {
      listener({ data: undefined });
    };
    if (type === 'open') this.opened.push(plain);
    if (type === 'close') this.closed.push(plain);
  }
  open(): void {
    for (const listener of this.opened) listener();
  }
  drop(): void {
    for (const listener of this.closed) listener();
  }
  say(message: unknown): void {
    for (const listener of this.heard) listener({ data: JSON.stringify(message) });
  }
}
