// the hand-over beside other rules of a node: those of kube-proxy in iptables mode, and a firewall that drops what conntrack does not know
import { join } from 'path';
import { Connection } from '../../sandbox/connection';
import { HandoverLab } from '../../sandbox/handover-lab';
import { ADDRESSES } from '../../sandbox/handover-models';
import { untilTrue } from '../../sandbox/waiting';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(120_000);

const KUBE_PROXY = join(__dirname, 'kube-proxy/iptables.rules');

/** Lets in what the hand-over and the tests need, and drops the rest, in both directions. A packet that is passed on is untracked. */
const STRICT_FIREWALL = `table inet firewall {
  chain in {
    type filter hook input priority 0; policy drop;
    ct state invalid counter drop
    ct state established,related accept
    iifname lo accept
    meta l4proto { 112, icmpv6 } accept
    icmp type { echo-request, echo-reply } accept
    tcp dport 443 ct state new tcp flags & (syn | ack) == syn accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
  }
  chain out {
    type filter hook output priority 0; policy drop;
    ct state invalid counter drop
    ct state established,related,new,untracked accept
  }
}`;

describeEngineInPod('keepalived', binary => {
  let lab: HandoverLab;
  afterEach(async () => lab?.destroy());

  /** Opens connections on every node, and moves the addresses round. */
  async function expectNoneBreaks(): Promise<void> {
    const connections = await lab.open(3);
    expect(await lab.broken(connections)).toEqual([]);
    for (let move = 0; move < 2; move++) {
      const [holder] = lab.holders(ADDRESSES[0]);
      await lab.endKeepalived(holder);
      await lab.moved(holder);
      expect(await lab.broken(connections)).toEqual([]);
      connections.push(...await lab.open(3));
      expect(await lab.broken(connections)).toEqual([]);
      await lab.startKeepalived(holder);
    }
    expect(new Set(connections.map(connection => connection.node)).size).toBeGreaterThan(1);
  }

  test.each([
    ['iptables-nft', 0], ['iptables-legacy', 0], ['iptables-legacy', 1],
  ])('no connection breaks beside kube-proxy with %s and nf_conntrack_tcp_be_liberal %d, and its Services work', async (tool, liberal) => {
    lab = await HandoverLab.create(2, binary);
    for (const id of ['edge-1', 'edge-2']) {
      const { node } = lab.node(id);
      node.run(['sh', '-c', `${tool}-restore < ${KUBE_PROXY}`]);
      node.run(['sysctl', '-qw', `net.netfilter.nf_conntrack_tcp_be_liberal=${liberal}`]);
      node.run(['ip', 'route', 'add', 'default', 'via', '192.0.2.50']);
    }
    await lab.startAll();
    const nodePort = await lab.connect(ADDRESSES[0], 30_443);
    expect(await nodePort.ask()).toBe('edge-2');
    const clusterAddress = await lab.node('edge-1').node.connect(443, '10.96.0.10');
    expect(await new Connection(clusterAddress).ask()).toBe('edge-2');
    await expectNoneBreaks();
  });

  test.each([0, 1])('no connection breaks behind a firewall that drops INVALID packets (nf_conntrack_tcp_be_liberal %d)', async liberal => {
    lab = await HandoverLab.create(3, binary);
    for (const id of ['edge-1', 'edge-2', 'edge-3']) {
      const { node } = lab.node(id);
      node.run(['nft', STRICT_FIREWALL]);
      node.run(['sysctl', '-qw', `net.netfilter.nf_conntrack_tcp_be_liberal=${liberal}`, 'net.netfilter.nf_conntrack_tcp_loose=0']);
    }
    await lab.startAll();
    await expectNoneBreaks();
  });

  test.each(['cilium_host', 'bpfin.cali'])('says in one line that a network plugin gets packets first (%s)', async device => {
    lab = await HandoverLab.create(2, binary);
    lab.node('edge-1').node.run(['ip', 'link', 'add', device, 'type', 'bridge']);
    const pods = await Promise.all(['edge-1', 'edge-2'].map(id => lab.startHandover(id)));
    await untilTrue(() => pods[0].stdout.includes(`handover: ${device} is here: its network plugin gets packets first.`));
    expect(pods.map(pod => pod.stdout.split('\n').length - 1)).toEqual([2, 1]);
  });
});
