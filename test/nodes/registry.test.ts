import { App } from 'cdk8s';
import { Construct } from 'constructs';
import { Registry } from '../../src/nodes/registry';

test('keeps the claims of each App apart', () => {
  const [one, other] = [new App(), new App()].map(app => new Construct(app, 'edge'));
  Registry.of(one).claim({ claimant: one, key: 'tcp/443', clashWith: () => undefined });
  expect(Registry.of(one).isClaimed('tcp/443')).toBe(true);
  expect(Registry.of(other).isClaimed('tcp/443')).toBe(false);
});
