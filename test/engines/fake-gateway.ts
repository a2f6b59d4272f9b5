// a gateway pod as engine tests need it: greets on its traffic port, answers on its health port
import type { Server, Socket } from 'net';
import type { EdgeNode } from '../../sandbox/edge-node';

export class FakeGateway {
  public static async start(node: EdgeNode, address: string, port = 8443, healthPort = 15021): Promise<FakeGateway> {
    const gateway = new FakeGateway(address);
    gateway.servers.push(
      await node.listen(port, address, socket => gateway.greet(socket)),
      await node.listen(healthPort, address, socket => gateway.answerCheck(socket)),
    );
    return gateway;
  }

  /** What the health port answers. */
  public healthStatus = 200;
  /** Requests on the health port. */
  public readonly checks: Buffer[] = [];
  /** All that came, connection by connection, on the traffic port. */
  public readonly received: Buffer[] = [];
  private readonly open = new Set<Socket>();
  private readonly servers: Server[] = [];

  private constructor(public readonly address: string) {}

  public get greeting(): string {
    return `${this.address}\n`;
  }

  public async stop(): Promise<void> {
    this.open.forEach(socket => socket.destroy());
    await Promise.all(this.servers.map(server => new Promise(resolve => server.close(resolve))));
  }

  /** Sends its address, then everything back that it gets. */
  private greet(socket: Socket): void {
    this.open.add(socket.on('close', () => this.open.delete(socket)));
    const connection = this.received.push(Buffer.alloc(0)) - 1;
    socket.write(this.greeting);
    socket.on('data', bytes => {
      this.received[connection] = Buffer.concat([this.received[connection], bytes]);
      socket.write(bytes);
    });
  }

  private answerCheck(socket: Socket): void {
    this.open.add(socket.on('close', () => this.open.delete(socket)));
    socket.on('data', bytes => {
      this.checks.push(bytes);
      socket.write(`HTTP/1.1 ${this.healthStatus} whatever\r\nContent-Length: 0\r\n\r\n`);
    });
  }
}
