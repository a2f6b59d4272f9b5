// a process without any right on the node's network, which takes a port and answers there as if it were well
import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import type { EdgeNode } from './edge-node';

/** argv prefix: nobody in particular, without capabilities and without a way to get any. */
export const UNPRIVILEGED = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];

/** Answers 200 with a body to everything; as the engines do, it would share its port with others. */
const SQUAT = `
use strict; use warnings; use Socket; use IO::Socket::INET;
my ($host, $port, $body) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => $host, LocalPort => $port, Listen => 64, ReuseAddr => 1, ReusePort => 1) or die "$!\\n";
$| = 1;
print "listening\\n";
while (my $client = $server->accept) {
  sysread $client, my $question, 4096;
  syswrite $client, "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body";
}
`;

export class Squatter {
  /** Rejects with the kernel's word when it may not listen. */
  public static async start(node: EdgeNode, port: number, host = '127.0.0.1', body = 'ok'): Promise<Squatter> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...node.enter, ...UNPRIVILEGED, 'perl', '-e', SQUAT, host, `${port}`, body], { stdio: ['ignore', 'pipe', 'pipe'] });
    let refusal = '';
    child.stderr.on('data', text => (refusal += text));
    const closed = once(child, 'close');
    const listening = await Promise.race([once(child.stdout, 'data').then(() => true), closed.then(() => false)]);
    if (!listening) {
      throw new Error(refusal);
    }
    return new Squatter(child, closed);
  }

  private constructor(private readonly child: ChildProcess, private readonly closed: Promise<unknown>) {}

  public async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}
