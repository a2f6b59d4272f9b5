// what must stay true of the edge, whatever else changes

import * as assert from 'node:assert/strict';
import { test } from 'node:test';
import { Testing } from 'cdk8s';
import { EdgeChart } from './edge';

const manifests = Testing.synth(new EdgeChart(Testing.app(), 'edge'));
const ofKind = (kind: string) => manifests.filter(manifest => manifest.kind === kind);

test('front proxy and virtual IP run on both edge nodes', () => {
  const pods = ofKind('DaemonSet').map(({ spec }) => spec.template.spec);
  assert.equal(pods.length, 2);
  for (const { affinity } of pods) {
    const [{ matchExpressions }] = affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    assert.deepEqual(matchExpressions[0].values, ['edge-1', 'edge-2']);
  }
});

test('only the edge nodes reach the gateway', () => {
  const [{ spec }] = ofKind('NetworkPolicy');
  assert.deepEqual(spec.ingress[0].from.map((peer: { ipBlock: { cidr: string } }) => peer.ipBlock.cidr), ['192.0.2.11/32', '192.0.2.12/32']);
});

test('the shop is open', () => assert.deepEqual(ofKind('VirtualService').flatMap(({ spec }) => spec.hosts), ['shop.example.com']));
