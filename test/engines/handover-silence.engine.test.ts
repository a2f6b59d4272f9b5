// what a hand-over leaves on a node, and that one node alone answers for an address, whatever was killed, stopped or removed
import { execFileSync } from 'child_process';
import { dirname } from 'path';
import { HandoverLab } from '../../sandbox/handover-lab';
import { ADDRESSES } from '../../sandbox/handover-models';
import { pause, untilTrue } from '../../sandbox/waiting';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(120_000);

describeEngineInPod('keepalived', binary => {
  let lab: HandoverLab;
  afterEach(async () => lab?.destroy());

  test('one node alone answers ARP and neighbour discovery, whatever is taken away', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    await lab.open(2);
    await lab.endKeepalived('edge-1');
    expect(await lab.moved('edge-1')).toBe('edge-2');
    const onlyHolder = async () => {
      for (const address of ADDRESSES) {
        expect(await lab.answering(address)).toEqual(['edge-2']);
      }
    };
    await onlyHolder();
    const { node } = lab.node('edge-1');
    await lab.handover('edge-1').kill();
    await onlyHolder();
    node.run(['nft', 'flush', 'ruleset']);
    await onlyHolder();
    node.run(['ip', 'rule', 'flush', 'table', '1100']);
    node.run(['ip', 'route', 'flush', 'table', '1100']);
    await onlyHolder();
    await lab.startHandover('edge-1');
    await onlyHolder();
  });

  test.each(['SIGSTOP', 'SIGKILL'] as const)('a holder whose keepalived gets %s falls silent when the next one answers, and no connection breaks', async signal => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const connections = await lab.open(4);
    expect(await lab.broken(connections)).toEqual([]);
    lab.signalKeepalived('edge-1', signal);
    await untilTrue(() => ADDRESSES.every(address => lab.holders(address).includes('edge-2')));
    await pause(1_000);
    for (const address of ADDRESSES) {
      // as keepalived leaves it: by now, the kernel may have removed it
      lab.node('edge-1').node.run(['ip', 'address', 'replace', `${address}/${address.includes(':') ? '128' : '32'}`, 'dev', 'eth0', ...address.includes(':') ? ['nodad'] : []]);
      expect(lab.holders(address)).toEqual(['edge-1', 'edge-2']);
      expect(await lab.answering(address)).toEqual(['edge-2']);
    }
    expect(await lab.broken(connections)).toEqual([]);
  });

  test('a holder that is alone answers, even when it cannot reach anyone', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    lab.cut('edge-2');
    lab.node('edge-1').node.run(['ip', 'neigh', 'flush', 'dev', 'eth0']);
    await pause(2_500);
    expect(lab.node('edge-1').node.run(['ip', 'neigh', 'show', '192.0.2.12'])).not.toContain('lladdr');
    for (const address of ADDRESSES) {
      expect(await lab.answering(address)).toEqual(['edge-1']);
    }
  });

  test('rules that somebody removed come back, and the next move breaks no connection', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const connections = await lab.open(4);
    expect(await lab.broken(connections)).toEqual([]);
    for (const id of ['edge-1', 'edge-2']) {
      const { node } = lab.node(id);
      const before = lab.traces(id).sort();
      node.run(['nft', 'flush', 'ruleset']);
      node.run(['ip', 'rule', 'flush', 'table', '1100']);
      await untilTrue(() => lab.handover(id).stdout.includes('the rules were removed: loading them again'));
      await untilTrue(() => lab.traces(id).sort().join() === before.join());
    }
    await lab.endKeepalived('edge-1');
    await lab.moved('edge-1');
    expect(await lab.broken(connections)).toEqual([]);
  });

  test('an address that somebody took from lo comes back, and the container goes on', async () => {
    lab = await HandoverLab.create(2, binary);
    const pod = await lab.startHandover('edge-1');
    const { node } = lab.node('edge-1');
    const before = lab.traces('edge-1').sort();
    node.run(['ip', 'address', 'del', '192.0.2.101/32', 'dev', 'lo']);
    await untilTrue(() => lab.traces('edge-1').sort().join() === before.join());
    await pause(1_500);
    expect(pod.stderr).toBe('');
    pod.signal('SIGTERM');
    expect(await pod.exited).toBe(0);
  });

  test('a pod that ends without connections leaves nothing', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startHandover('edge-1');
    expect(lab.traces('edge-1')).not.toEqual([]);
    lab.handover('edge-1').signal('SIGTERM');
    expect(await lab.handover('edge-1').exited).toBe(0);
    expect(lab.traces('edge-1')).toEqual([]);
  });

  test('what a killed pod leaves expires, and the next one removes what it does not need', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startHandover('edge-1');
    await lab.handover('edge-1').kill();
    const { node } = lab.node('edge-1');
    const lifetimes = [...node.run(['ip', '-4', 'address', 'show', 'dev', 'lo', 'label', 'lo:edge*']).matchAll(/valid_lft (\w+)/g)].map(match => parseInt(match[1]));
    expect(lifetimes).toHaveLength(2);
    lifetimes.forEach(lifetime => expect(lifetime).toBeLessThanOrEqual(6));
    await lab.startHandover('edge-1', { model: { ...lab.model, instances: lab.model.instances.slice(1) } });
    expect(lab.traces('edge-1').filter(line => !line.includes('192.0.2.101'))).toEqual(
      ['table ip edge-vip', 'table ip edge-vip-silence', 'table netdev edge-vip-silence'],
    );
  });

  test('what a killed pod leaves does not silence a keepalived with another VRID and another interval', async () => {
    lab = await HandoverLab.create(2, binary);
    const other = lab.model.instances.map(instance => ({ ...instance, virtualRouterId: instance.virtualRouterId + 10, advertMs: 10 }));
    await (await lab.startHandover('edge-1', { model: { ...lab.model, instances: other } })).kill();
    expect(lab.traces('edge-1')).toContain('table netdev edge-vip-silence');
    await lab.startKeepalived('edge-1');
    await lab.moved();
    await pause(1_000);
    for (const address of ADDRESSES) {
      expect(await lab.answering(address)).toEqual(['edge-1']);
    }
  });

  test('the kernel removes the addresses of a pod that was killed, so that nothing answers when the rules go too', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    // the hand-over gives an address its lifetime up to half a second after keepalived has taken it
    await untilTrue(() => (lab.node('edge-1').node.run(['ip', 'address', 'show', 'dev', 'eth0']).match(/valid_lft \d+sec/g) ?? []).length === 3);
    lab.signalKeepalived('edge-1', 'SIGKILL');
    await lab.handover('edge-1').kill();
    await untilTrue(() => ADDRESSES.every(address => lab.holders(address).join() === 'edge-2'), 15_000);
    lab.node('edge-1').node.run(['nft', 'flush', 'ruleset']);
    for (const address of ADDRESSES) {
      expect(await lab.answering(address)).toEqual(['edge-2']);
    }
  });

  test('a keepalived whose hand-over was killed loses its addresses for a moment, and no connection breaks', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const connections = await lab.open(4);
    expect(await lab.broken(connections)).toEqual([]);
    const lifetime = () => lab.node('edge-1').node.run(['ip', 'address', 'show', 'dev', 'eth0', 'to', '192.0.2.100']);
    await untilTrue(() => /valid_lft \d+sec/.test(lifetime()));
    await lab.handover('edge-1').kill();
    await untilTrue(() => !/valid_lft \d+sec/.test(lifetime()), 15_000);
    await lab.moved();
    expect(await lab.broken(connections)).toEqual([]);
  });

  test('a hand-over that ends alone leaves the addresses where they are', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    lab.handover('edge-1').signal('SIGTERM');
    await lab.handover('edge-1').exited;
    // keepalived would take a lost address again, without a lifetime
    expect(lab.node('edge-1').node.run(['ip', 'address', 'show', 'dev', 'eth0', 'to', '192.0.2.100'])).toMatch(/valid_lft \d+sec/);
    expect(await lab.moved()).toBe('edge-1');
  });

  test('a hand-over that is late gives the addresses a longer lifetime, so that a busy node keeps them', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startKeepalived('edge-1');
    await lab.startHandover('edge-1');
    await lab.moved();
    lab.handover('edge-1').signal('SIGSTOP');
    await pause(1_300);
    lab.handover('edge-1').signal('SIGCONT');
    await untilTrue(() => /valid_lft ([5-9]|1[0-2])sec/.test(lab.node('edge-1').node.run(['ip', 'address', 'show', 'dev', 'eth0', 'to', '192.0.2.100'])));
  });

  test('addresses keep what keepalived gave them: IPv6 is deprecated, so that the node does not use it as a source', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startKeepalived('edge-1');
    await lab.moved();
    const flags = () => lab.node('edge-1').node.run(['ip', '-oneline', 'address', 'show', 'dev', 'eth0'])
      .split('\n').filter(line => ADDRESSES.some(address => line.includes(` ${address}/`)))
      .map(line => line.replace(/^\d+: |valid_lft.*|dynamic|\\|permanent/g, '').replace(/\s+/g, ' '));
    const before = flags();
    expect(before).toHaveLength(3);
    await lab.startHandover('edge-1');
    await untilTrue(() => (lab.node('edge-1').node.run(['ip', 'address', 'show', 'dev', 'eth0']).match(/valid_lft \d+sec/g) ?? []).length === 3);
    expect(flags()).toEqual(before);
  });

  test('a small image, without the names of protocols', async () => {
    lab = await HandoverLab.create(2, binary);
    const pod = await lab.startHandover('edge-1', { image: 'mount --bind /dev/null /etc/protocols\nmount --bind /dev/null /etc/services' });
    expect(pod.stdout).toBe('handover: connections to 192.0.2.100 192.0.2.101 2001:db8::100 survive a move\n');
    expect(pod.stderr).toBe('');
  });

  test.each(['nft', 'ip', 'ss', 'ping'])('an image without %s: one line in the log, nothing on the node, and it stays up', async tool => {
    lab = await HandoverLab.create(2, binary);
    const PATH = [dirname(binary), process.env.PATH, '/usr/sbin', '/sbin'].join(':');
    const paths = execFileSync('which', ['-a', tool], { encoding: 'utf8', env: { PATH } }).trim().split('\n');
    const pod = await lab.startHandover('edge-1', { image: paths.map(path => `mount --bind /dev/null $(readlink -f ${path})`).join('\n') });
    expect(pod.stdout).toBe(`handover: the image lacks ${tool}: open connections break when an address moves\n`);
    await pause(300);
    expect(lab.traces('edge-1')).toEqual([]);
    pod.signal('SIGTERM');
    expect(await pod.exited).toBe(0);
  });
});
