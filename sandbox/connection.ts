// a client's connection to an echo server, and a client that keeps opening new ones
import type * as net from 'net';
import { pause } from './waiting';

/** An open connection that tells whether it still works. */
export class Connection {
  public broken?: string;
  /** The node that answered first. */
  public node?: string;
  private answer = '';
  private sent = 0;

  constructor(private readonly socket: net.Socket) {
    socket.setNoDelay();
    socket.on('data', data => (this.answer += data));
    socket.on('error', error => (this.broken = error.message));
    socket.on('close', () => (this.broken ??= 'closed'));
    socket.resume();
  }

  /** Sends a line; the node that echoed it, or why none did. */
  public async ask(timeoutMs = 3_000): Promise<string> {
    const line = `${++this.sent}\n`;
    this.answer = '';
    this.socket.write(line);
    const deadline = Date.now() + timeoutMs;
    while (!this.broken && !this.answer.endsWith(line) && Date.now() < deadline) {
      await pause(20);
    }
    return this.broken ?? (this.answer.endsWith(line) ? this.answer.slice(0, -line.length) : 'silence');
  }

  public close(): void {
    this.socket.destroy();
  }
}

/** What happened to a new connection. */
export interface Visit {
  /** From the first visit to the opening of this one. */
  readonly beganMs: number;
  /** From the opening to the answer. */
  readonly tookMs: number;
  /** The node that answered, or why none did. */
  readonly answer: string;
}

/** Opens a connection every few milliseconds, asks once, and closes it. */
export class Visitors {
  private readonly visits: Promise<Visit>[] = [];
  private readonly began = Date.now();
  private ends = false;
  private readonly ended: Promise<void>;

  constructor(private readonly connect: () => Promise<Connection>, everyMs: number) {
    this.ended = this.run(everyMs);
  }

  /** From the first visit to now. */
  public get nowMs(): number {
    return Date.now() - this.began;
  }

  /** Waits for the visits that are under way. */
  public async end(): Promise<Visit[]> {
    this.ends = true;
    await this.ended;
    return Promise.all(this.visits);
  }

  private async run(everyMs: number): Promise<void> {
    while (!this.ends) {
      this.visits.push(this.visit());
      await pause(everyMs);
    }
  }

  private async visit(): Promise<Visit> {
    const beganMs = this.nowMs;
    const answer = await this.connect().then(async connection => {
      const node = await connection.ask(5_000);
      connection.close();
      return node;
    }).catch((error: Error) => error.message);
    return { beganMs, tookMs: this.nowMs - beganMs, answer };
  }
}
