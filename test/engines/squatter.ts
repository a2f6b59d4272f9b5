// an unprivileged process on the node's network that takes a port and answers as a healthy gateway
import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import type { EdgeNode } from '../../sandbox/edge-node';

/** argv prefix: a user without capabilities and without a way to get any. */
export function unprivileged(uid = 1000): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}

export interface SquatterOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 1000 */
  readonly uid?: number;
  /** Stops listening before it answers, and listens again a little later. */
  readonly hides?: boolean;
}

/** Answers 200 to everything. As the engines do, it would share its port with others. */
const SQUAT = `
use strict; use warnings; use IO::Socket::IP;
my ($host, $port, $hides) = @ARGV;
my @address = (LocalAddr => $host, LocalPort => $port, V6Only => 0, Listen => 64, ReuseAddr => 1, ReusePort => 1);
my $server = IO::Socket::IP->new(@address) or die "$!\\n";
$| = 1;
print "listening\\n";
while (my $client = $server->accept) {
  sysread $client, my $question, 4096;
  close $server if $hides;
  syswrite $client, "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
  close $client;
  if ($hides) {
    select undef, undef, undef, 0.05;
    $server = IO::Socket::IP->new(@address) or die "$!\\n";
  }
}
`;

export class Squatter {
  /** Rejects with the kernel's message if it may not listen. */
  public static async start(node: EdgeNode, port: number, { host = '127.0.0.1', uid, hides }: SquatterOptions = {}): Promise<Squatter> {
    const perl = ['perl', '-e', SQUAT, host, `${port}`, hides ? '1' : '0'];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...node.enter, ...unprivileged(uid), ...perl], { stdio: ['ignore', 'pipe', 'pipe'] });
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
