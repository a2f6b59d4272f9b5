// a node of the cluster: a network namespace whose sockets this process can hold
import { ChildProcess, execFileSync, spawn } from 'child_process';
import type * as dgram from 'dgram';
import { once } from 'events';
import * as http from 'http';
import type * as net from 'net';
import { untilTrue } from './waiting';

/** A request to the broker, which returns exactly one handle for each. */
type Request =
  | { readonly kind: 'connect'; readonly options: net.TcpSocketConnectOpts }
  | { readonly kind: 'listen'; readonly options: net.ListenOptions }
  | { readonly kind: 'udp'; readonly address: string; readonly port: number };

type Handle = net.Socket | net.Server | dgram.Socket;

/**
 * A network namespace with its own ports, 80 and 443 included. Pods of one node share it, as host-network pods do.
 * It lives as long as a small process inside it, the broker, which opens sockets there and passes them to the test.
 * Nothing outlives the test: the broker ends with this process, and the namespace with the broker.
 */
export class EdgeNode {
  /** `commands` (each an argv) are run in the namespace after `lo` is up: addresses, links, sysctls. */
  public static async create(...commands: string[][]): Promise<EdgeNode> {
    const node = new EdgeNode(spawn('setpriv', [
      '--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, '-e', `(${broker.toString()})()`,
    ], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    await once(node.brokerProcess, 'message');
    try {
      [['ip', 'link', 'set', 'lo', 'up'], ...commands].forEach(command => node.run(command));
    } catch (error) {
      await node.destroy();
      throw error;
    }
    return node;
  }

  private readonly waiting = new Map<number, { resolve(handle: Handle): void; reject(error: Error): void }>();
  private requests = 0;

  private constructor(private readonly brokerProcess: ChildProcess) {
    brokerProcess.on('message', ({ id, error }: { id: number; error?: string }, handle) => {
      if (error) {
        this.waiting.get(id)?.reject(Object.assign(new Error(error), { code: error.split(' ')[1] }));
      } else {
        this.waiting.get(id)?.resolve(handle as Handle);
      }
      this.waiting.delete(id);
    });
  }

  /** Process id of the broker, which names the namespace: `ip link set veth0 netns <pid>`. */
  public get pid(): number {
    return this.brokerProcess.pid!;
  }

  /** argv prefix that runs a command in this namespace, as the node's root. */
  public get enter(): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`];
  }

  /** Runs a command as the node's root; its standard output, or an error with its standard error. */
  public run(command: string[]): string {
    const [program, ...args] = [...this.enter, ...command];
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /**
   * Adds addresses to `lo`, and waits until they work: the kernel adds the route of an IPv6 address later, on a busy machine much later.
   */
  public async addAddresses(...addresses: string[]): Promise<void> {
    addresses.forEach(address => this.run(['ip', 'address', 'add', address, 'dev', 'lo', ...(address.includes(':') ? ['nodad'] : [])]));
    const routed = () => this.run(['ip', '-6', 'route', 'show', 'table', 'local']);
    await untilTrue(() => addresses.every(address => !address.includes(':') || routed().includes(`local ${address.replace('/128', '')} `)));
  }

  /** An open connection, from `localAddress` if it is given; rejects with the error's `code` (ECONNREFUSED, …). */
  public async connect(port: number, host = '127.0.0.1', localAddress?: string): Promise<net.Socket> {
    return await this.ask({ kind: 'connect', options: { port, host, localAddress } }) as net.Socket;
  }

  /** A listening server of this process on the node's network. */
  public async listen(port: number, host = '127.0.0.1', onConnection?: (socket: net.Socket) => void): Promise<net.Server> {
    const server = await this.ask({ kind: 'listen', options: { port, host, ipv6Only: true } }) as net.Server;
    server.on('connection', socket => {
      socket.on('error', () => socket.destroy());
      onConnection?.(socket);
    });
    return server;
  }

  /** A bound UDP socket. */
  public async udp(port: number, address = '127.0.0.1'): Promise<dgram.Socket> {
    return await this.ask({ kind: 'udp', address, port }) as dgram.Socket;
  }

  /** One HTTP request on a new connection. */
  public async get(port: number, path: string, host = '127.0.0.1'): Promise<{ status: number; body: string }> {
    const socket = await this.connect(port, host);
    const request = http.get({ path, headers: { Host: host, Connection: 'close' }, createConnection: () => socket });
    const [response] = await once(request, 'response') as [http.IncomingMessage];
    let body = '';
    for await (const chunk of response) {
      body += chunk;
    }
    socket.destroy();
    return { status: response.statusCode!, body };
  }

  public async destroy(): Promise<void> {
    const gone = once(this.brokerProcess, 'exit');
    this.brokerProcess.kill('SIGKILL');
    await gone;
  }

  private ask(request: Request): Promise<Handle> {
    const id = ++this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.brokerProcess.send({ id, ...request });
    });
  }
}

/** Runs in the namespace as text, so it cannot use anything of this file. It passes sockets on without reading them. */
function broker(): void {
  /* eslint-disable @typescript-eslint/no-require-imports */
  const sockets: typeof net = require('net');
  const datagrams: typeof dgram = require('dgram');

  const open = (request: Request): Handle => {
    if (request.kind === 'listen') {
      return sockets.createServer().listen(request.options);
    }
    if (request.kind === 'udp') {
      const socket = datagrams.createSocket(request.address.includes(':') ? 'udp6' : 'udp4');
      socket.bind({ port: request.port, address: request.address, exclusive: true });
      return socket;
    }
    // paused, because the test would not get a byte that is read here
    return new sockets.Socket().pause().connect(request.options);
  };
  process.on('message', (request: Request & { id: number }) => {
    const handle = open(request);
    const opened = request.kind === 'connect' ? 'connect' : 'listening';
    // Node closes this side's copy of a socket by itself, but not of a server
    const passed = () => request.kind !== 'connect' && (handle as net.Server | dgram.Socket).close();
    handle.once(opened, () => process.send!({ id: request.id }, handle, passed));
    handle.once('error', (error: Error) => process.send!({ id: request.id, error: error.message }));
  });
  process.on('disconnect', () => process.exit());
  process.send!({ id: 0 });
}
