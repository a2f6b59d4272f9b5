import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Registry } from '../../src/nodes/registry';

const SITES = 1_000;

test('looks at as many rivals as there are, not at all sites of an App', () => {
  const app = new App();
  let looks = 0;
  for (let site = 0; site < SITES; site += 1) {
    const claimant = new Construct(new Chart(app, `site-${site}`), 'edge');
    for (const hostname of [`edge-1-${site}`, `edge-2-${site}`]) {
      Registry.of(claimant).claim({
        claimant,
        key: 'tcp/443',
        hostnames: [hostname],
        against: () => {
          looks += 1;
          return undefined;
        },
      });
    }
  }
  expect(looks).toBe(0);
});

test('keeps one book for each App', () => {
  const [one, other] = [new App(), new App()].map(app => new Construct(app, 'edge'));
  Registry.of(one).claim({ claimant: one, key: 'tcp/443', against: () => undefined });
  expect(Registry.of(one).isClaimed('tcp/443')).toBe(true);
  expect(Registry.of(other).isClaimed('tcp/443')).toBe(false);
});
