// the real nft takes the rules of each node, whose names and types must fit together
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { EdgeNode } from '../../sandbox/edge-node';
import { handoverModel } from '../../sandbox/handover-models';
import type { HandoverModel } from '../../src/engines/handover/model';
import { renderHandover } from '../../src/engines/handover/render';
import { renderSilence } from '../../src/engines/handover/render-silence';
import { describeEngineInPod } from '../support/describe-engine';

const GOLDEN = join(__dirname, 'golden');
const goldenModels = readdirSync(GOLDEN).filter(name => name.startsWith('handover-')).map((name): [string, HandoverModel] => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { handover } = require(join(GOLDEN, name, 'model')) as { handover: HandoverModel };
  return [name, handover];
});
const eightNodes = handoverModel(Array.from({ length: 8 }, (_, index) => `edge-${index + 1}`), { spread: true });

describeEngineInPod('keepalived', binary => {
  let node: EdgeNode;
  beforeAll(async () => {
    node = await EdgeNode.create(...['eth0', 'bond0.100'].map(name => ['ip', 'link', 'add', name, 'type', 'bridge']));
  });
  afterAll(async () => node?.destroy());

  const nft = [join(dirname(binary), 'nft'), 'nft'].find(program => program === 'nft' || existsSync(program))!;
  const load = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'edge-nft-'));
    const path = join(folder, 'rules.nft');
    writeFileSync(path, text);
    try {
      return node.run([nft, '--file', path, '--file', path]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test.each([...goldenModels, ['eight nodes that serve one address', eightNodes] as const])('takes the rules of each node without a word, also a second time: %s', (_, model) => {
    model.nodes.forEach(one => expect(load(renderHandover(model, one) + renderSilence(model, one))).toBe(''));
    // the node's own, which may be older, has to read it: 1.0.6 crashes on much of what 1.1 writes
    expect(node.run(['nft', 'list', 'ruleset'])).toContain(`table ip ${model.name} {`);
  });

  test('a flag that has ended can be set again at once', async () => {
    const [, model] = goldenModels.find(([name]) => name === 'handover-spread')!;
    load(renderHandover(model, model.nodes[0]));
    for (let times = 0; times < 10; times++) {
      node.run([nft, 'add element ip handover.istio-ingress.edge-vip ready { host timeout 10ms }']);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });
});
