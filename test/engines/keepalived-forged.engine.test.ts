// another machine forges adverts: real keepalived without and with the nftables rules of docs/virtual-ip.md
import { ChildProcess, spawn } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';
import { describeEngineInPod } from '../support/describe-engine';
import { vip as unicast } from './golden/vip-unicast/model';
import { VipLab } from '../../sandbox/vip-lab';
import { pause, untilPasses } from '../../sandbox/waiting';

const ADDRESS = unicast.instances[0].addresses[0];
const NODES = ['edge-1', 'edge-2'];
const ADDRESS_OF: { [node: string]: string } = { 'edge-1': '192.0.2.11', 'edge-2': '192.0.2.12' };
const STRANGER = '192.0.2.13';
const RULES = /^```nft\n(.*?)^```/ms.exec(readFileSync(join(__dirname, '../../docs/virtual-ip.md'), 'utf8'))![1];

/** Sends 20 adverts of VRRP version 3 a second, with priority 255: SOURCE DESTINATION ADDRESS VRID. */
const FORGER = String.raw`
use strict; use Socket;
my ($from, $to, $address, $vrid) = (map({ inet_aton($_) } @ARGV[0 .. 2]), $ARGV[3]);
sub advert { pack('C4 n2 a4', 0x31, $vrid, 255, 1, 20, $_[0], $address) }
my $sum = 0;
$sum += $_ for unpack('n*', $from . $to . pack('C2 n', 0, 112, 12) . advert(0));
$sum = ($sum >> 16) + ($sum & 0xffff) while $sum > 0xffff;
my $packet = pack('C2 n3 C2 n a4 a4', 0x45, 0, 0, 0, 0, 255, 112, 0, $from, $to) . advert(~$sum & 0xffff);
socket(my $socket, AF_INET, SOCK_RAW, 255) or die $!;
for (1 .. 600) { send($socket, $packet, 0, sockaddr_in(0, $to)) or die $!; select(undef, undef, undef, 0.05) }`;

describeEngineInPod('keepalived', binary => {
  let lab: VipLab;
  let forgers: ChildProcess[] = [];
  beforeAll(async () => {
    lab = await VipLab.create(unicast, [...NODES, 'stranger']);
    for (const node of NODES) await (await lab.start(node, binary)).ready();
    await lab.settled();
  });
  afterEach(() => {
    forgers.forEach(forger => forger.kill('SIGKILL'));
    forgers = [];
  });
  afterAll(async () => lab?.destroy());

  /** The third machine sends to both nodes. */
  const forge = (sourceFor: (node: string) => string) => {
    const stranger = lab.node('stranger').node;
    forgers = NODES.map(node => spawn('setpriv', [
      '--pdeathsig', 'KILL', ...stranger.enter, 'perl', '-e', FORGER, sourceFor(node), ADDRESS_OF[node], ADDRESS, `${unicast.instances[0].virtualRouterId}`,
    ], { stdio: ['ignore', 'ignore', 'inherit'] }));
  };
  const asPeer = (node: string) => ADDRESS_OF[NODES.find(other => other !== node)!];

  /** Lines of keepalived's log about forged adverts. */
  const heard = (node: string) => {
    const { stdout, stderr } = lab.node(node).pod!;
    return `${stdout}${stderr}`.match(/priority 255|source address \S+ not a unicast peer/g)?.length ?? 0;
  };

  test('adverts with a node\'s address as their source take the virtual address from every node while they last', async () => {
    forge(asPeer);
    await untilPasses(() => expect(lab.holders()).toEqual({ [ADDRESS]: [] }));
    await pause(2_000);
    expect(lab.holders()).toEqual({ [ADDRESS]: [] });
    expect(NODES.some(node => heard(node) > 0)).toBe(true);
  });

  test('keepalived logs adverts with the address of the machine itself', async () => {
    const before = NODES.map(heard);
    forge(() => STRANGER);
    await untilPasses(() => NODES.forEach((node, index) => expect(heard(node)).toBeGreaterThan(before[index])));
  });

  describe('with the documented rules', () => {
    const dropped = (node: string) => Number(/ip protocol .*counter packets (\d+)/.exec(lab.node(node).node.run(['nft', 'list', 'table', 'inet', 'edge_vrrp']))?.[1]);

    beforeAll(async () => {
      const ofLab = NODES.reduce((text, node, index) => text.replaceAll(`02:00:00:00:00:1${index + 1}`, lab.node(node).hardwareAddress('eth0')), RULES);
      NODES.forEach(node => lab.node(node).node.run(['nft', ofLab]));
    });

    test.each([
      ['a node\'s address', asPeer],
      ['the address of the machine itself', () => STRANGER],
    ])('adverts with %s as their source never reach keepalived', async (_, sourceFor) => {
      const before = NODES.map(dropped);
      await pause(1_000); // a forged advert of the previous test may still be on its way into the log
      const heardBefore = NODES.map(heard);
      forge(sourceFor);
      await untilPasses(() => NODES.forEach((node, index) => expect(dropped(node) - before[index]).toBeGreaterThan(20)));
      await lab.settled();
      expect(NODES.map(heard)).toEqual(heardBefore);
    });
  });
});
