// what each part of a model means in keepalived's own words
import * as fc from 'fast-check';
import { word } from '../../../src/engines/keepalived/grammar';
import type { KeepalivedModel, VrrpInstance } from '../../../src/engines/keepalived/model';
import { renderCheckers, renderKeepalived } from '../../../src/engines/keepalived/render';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as dualStack } from '../golden/vip-dual-stack/model';
import { vip as ipv6 } from '../golden/vip-ipv6/model';
import { vip as mixedInterfaces } from '../golden/vip-mixed-interfaces/model';
import { vip as multicast } from '../golden/vip-multicast/model';
import { vip as otherInterface } from '../golden/vip-other-interface/model';
import { vip as unicast } from '../golden/vip-unicast/model';

const changed = (instance: Partial<VrrpInstance>, model: KeepalivedModel = unicast) =>
  renderKeepalived({ ...model, instances: model.instances.map(given => ({ ...given, ...instance })) });

/** The lines that keepalived keeps on a node: as its parser does it. */
function linesOn(id: string, text: string): string[] {
  return text.split('\n').map(line => line.trim()).flatMap(line => {
    const [, negated, name, rest] = /^@(\^?)(\S+)\s+(.*)$/.exec(line) ?? [];
    return rest === undefined ? [line] : (name === id) !== (negated === '^') ? [rest] : [];
  });
}

/** Body of the first block that begins so. */
function block(opening: string, lines: string[]): string[] {
  const start = lines.indexOf(`${opening} {`);
  return lines.slice(start + 1, lines.indexOf('}', start));
}

describe('election', () => {
  test('a node that hears of a lower priority answers at once, so that the better node stays', () =>
    expect(linesOn('edge-1', renderKeepalived(unicast))).toContain('vrrp_higher_prio_send_advert true'));
  test('every node begins as BACKUP, so that no node claims an address that another one holds', () => {
    expect(renderKeepalived(activeActive).match(/^ {2}state .*$/gm)).toEqual(['  state BACKUP', '  state BACKUP', '  state BACKUP']);
  });

  test('is VRRPv3 without authentication', () => {
    const text = renderKeepalived(unicast);
    expect(text).toContain('  vrrp_version 3\n');
    expect(text).not.toContain('auth');
  });

  test.each([
    [{ preempt: false, preemptDelaySeconds: 30 }, ['nopreempt']],
    [{ preempt: true, preemptDelaySeconds: 30 }, ['preempt_delay 30']],
    [{ preempt: true, preemptDelaySeconds: 0 }, []],
  ])('%j is %j', (preemption, lines) => {
    expect(changed(preemption).match(/\S*preempt.*/g) ?? []).toEqual(lines);
  });

  test('the advert interval has two decimals at most', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 4095 }), advertCentiseconds => {
      const [, seconds] = /advert_int (.*)/.exec(changed({ advertCentiseconds }))!;
      expect(seconds).toMatch(/^[0-9]+(\.[0-9]{1,2})?$/);
      expect(Math.round(Number(seconds) * 100)).toBe(advertCentiseconds);
    }));
  });
});

describe('nodes', () => {
  test('each has its own priority, interface and source address, and all others as peers', () => {
    const text = renderKeepalived(dualStack);
    expect(linesOn('edge-1', text)).toEqual(expect.arrayContaining(['priority 150', 'interface bond0.100', 'unicast_src_ip 192.0.2.11']));
    expect(linesOn('edge-2.example.com', text))
      .toEqual(expect.arrayContaining(['priority 149', 'interface enp3s0f0np0', 'unicast_src_ip 192.0.2.12']));
    expect(block('unicast_peer', linesOn('edge-1', text))).toEqual(['192.0.2.12 min_ttl 255']);
    expect(block('unicast_peer', linesOn('edge-2.example.com', text))).toEqual(['192.0.2.11 min_ttl 255']);
  });

  test('with three, each has two peers', () => {
    expect(block('unicast_peer', linesOn('edge-2', renderKeepalived(activeActive)))).toEqual(['192.0.2.11 min_ttl 255', '192.0.2.13 min_ttl 255']);
  });

  test('what is the same on all of them is one line', () => {
    expect(renderKeepalived(unicast)).toContain('  interface eth0\n');
    expect(changed({ priorities: { 'edge-1': 9, 'edge-2': 9 } })).toContain('  priority 9\n');
  });

  test('without known addresses VRRP is multicast, with equal priorities', () => {
    const text = renderKeepalived(multicast);
    expect(text).not.toMatch(/unicast|^ *@/m);
    expect(text).toContain('  priority 100\n');
  });

  test('an IPv6 instance speaks between the IPv6 addresses', () => {
    expect(block('unicast_peer', linesOn('edge-1', renderKeepalived(ipv6)))).toEqual(['2001:db8::12 min_ttl 255']);
  });
});

describe('addresses', () => {
  test('have the prefix of a single machine, so that no CNI takes them for the address of the node', () => {
    expect(block('virtual_ipaddress', linesOn('edge-1', renderKeepalived(ipv6)))).toEqual(['2001:db8::100/128', 'fe80::100/128']);
    expect(block('virtual_ipaddress', linesOn('edge-1', renderKeepalived(dualStack)))).toEqual(['192.0.2.100/32', '192.0.2.101/32']);
  });

  test('on another interface than the adverts are put there, and a node that has lost it does not hold them', () => {
    const lines = linesOn('edge-1', renderKeepalived(otherInterface));
    expect(lines).toContain('interface eth0');
    expect(block('virtual_ipaddress', lines)).toEqual(['198.51.100.200/32 dev eth1']);
    expect(block('virtual_ipaddress_excluded', lines)).toEqual(['2001:db8:77::200/128 dev eth1']);
    expect(block('track_interface', lines)).toEqual(['eth1']);
    expect(renderKeepalived(unicast)).not.toMatch(/ dev |track_interface/);
    expect(block('track_interface', linesOn('any-node', changed({ addressInterface: 'eth1' }, multicast)))).toEqual(['eth1']);
  });

  test('a node whose adverts go over the interface of the addresses does not list it: keepalived 2.2 calls that an error', () => {
    const text = renderKeepalived(mixedInterfaces);
    expect(block('track_interface', linesOn('edge-1', text))).toEqual(['eth1']);
    expect(linesOn('edge-2', text)).toContain('interface eth1');
    expect(block('track_interface', linesOn('edge-2', text))).toEqual([]);
  });

  test('of the other family move along without being advertised', () => {
    expect(block('virtual_ipaddress_excluded', linesOn('edge-1', renderKeepalived(dualStack)))).toEqual(['2001:db8::100/128']);
    expect(renderKeepalived(unicast)).not.toContain('virtual_ipaddress_excluded');
  });
});

describe('checks', () => {
  test('decide alone: a verdict of 1 is FAULT, and so is none before the first', () => {
    expect(block('track_file front-envoy', linesOn('edge-1', renderKeepalived(unicast)))).toEqual([
      'file /run/keepalived/front-envoy.sick', 'weight 0', 'init_file 1 overwrite',
    ]);
  });

  test('a checker that shows no life is FAULT, too', () => {
    expect(block('vrrp_script checkers-alive', linesOn('edge-1', renderKeepalived(unicast)))).toEqual([
      'script "sh /etc/keepalived-alive.sh /run/keepalived front-envoy"',
      'interval 1', 'timeout 1', 'fall 5', 'rise 1', 'weight 0', 'init_fail',
    ]);
  });

  test('life is looked for no more often than the slowest checker shows it', () => {
    const slow = { ...unicast.checks[0], intervalMs: 2_000, timeoutMs: 2_500 };
    expect(block('vrrp_script checkers-alive', linesOn('edge-1', renderKeepalived({ ...unicast, checks: [...unicast.checks, slow] })))).toContain('interval 3');
  });

  test('are tracked by every instance', () => {
    expect(renderKeepalived(activeActive).match(/track_file \{\n {4}admin-gateway\n {4}front-envoy\n {2}\}\n {2}track_script \{\n {4}checkers-alive\n {2}\}/g)).toHaveLength(3);
  });

  test.each([[1337, 15021, '1337:3AAD'], [0, 1024, '0:0400'], [0, 1023, '-'], [undefined, 15021, '-']])(
    'with user %p and port %d, say whose the listener is: %s', (user, port, owner) => {
      const [check] = unicast.checks;
      expect(renderCheckers({ ...unicast, checks: [{ ...check, user, port }] }).trim().split(' ').at(-1)).toBe(owner);
    });

  test('ask an IPv6 address in brackets', () => {
    expect(renderCheckers(ipv6)).toBe('front-envoy http://[::1]:15099/ready 0.2 0.8 120 2 2 -\n');
  });
});

describe('text', () => {
  test('is the same in whatever order the parts come', () => {
    const reversed = {
      ...activeActive,
      instances: [...activeActive.instances].reverse(),
      checks: [...activeActive.checks].reverse(),
      nodes: [...activeActive.nodes].reverse(),
    };
    expect(renderKeepalived(reversed)).toBe(renderKeepalived(activeActive));
    expect(renderCheckers(reversed)).toBe(renderCheckers(activeActive));
    expect(changed({ addresses: ['192.0.2.100', '192.0.2.101'] })).toBe(changed({ addresses: ['192.0.2.101', '192.0.2.100'] }));
  });

  test('trusts only scripts that root alone can change, and runs them as root', () => {
    expect(block('global_defs', linesOn('edge-1', renderKeepalived(unicast))))
      .toEqual(expect.arrayContaining(['enable_script_security', 'script_user root']));
  });

  const unwritable = ['a b', 'a\nb', 'a{', '}', '"', '\'', '\\', '!a', '#a', '$A', '${_A}', '@a', '~SEQ', '^', ';', ''];

  test.each(unwritable)('refuses %j, which has no way to be written', text => {
    expect(() => word(text)).toThrow('keepalived.conf cannot hold the value');
    expect(() => changed({ name: text })).toThrow('keepalived.conf cannot hold the value');
    expect(() => changed({ defaultNetworkInterface: text })).toThrow('keepalived.conf cannot hold the value');
    expect(() => renderKeepalived({ ...unicast, name: text })).toThrow('keepalived.conf cannot hold the value');
    expect(() => renderKeepalived({ ...unicast, runDirectory: text })).toThrow('keepalived.conf cannot hold the value');
    expect(() => renderKeepalived({ ...unicast, nodes: [{ id: text, ipv4: '192.0.2.11' }] })).toThrow('keepalived.conf cannot hold the value');
    expect(() => renderCheckers({ ...unicast, checks: [{ ...unicast.checks[0], path: `/${text || ' '}` }] })).toThrow('keepalived.conf cannot hold the value');
  });

  test('no string adds a line or a word', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => {
      let line: string;
      try {
        line = word(text);
      } catch {
        return;
      }
      expect(line).toBe(text);
      expect(line).not.toMatch(/[\s{}"'\\!#$@~^;]/);
    }));
  });
});
