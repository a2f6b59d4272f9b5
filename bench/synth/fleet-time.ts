// a fleet of sites: whether its time grows linearly, and how it compares with cdk8s alone
import { join } from 'node:path';
import { makeFleet } from './fleet';
import { median } from '../../lab/figures';
import type { Findings } from '../findings';
import { costOf } from '../measure';
import { compile, OUT_FOLDER, runProgram } from '../programs';

const OUTDIR = join(OUT_FOLDER, 'fleet');

/** Number of sites, and of repetitions: a small fleet alone is too short to measure. */
const SIZES = [[1, 50], [100, 3], [1_000, 1], [5_000, 1]];

/** Sites before the measurement, enough for the compiler to optimize all code. */
const WARM_UP = 300;

/** Turns of whole programs. The ratio of one turn moves by a tenth. */
const TURNS = 5;

/** Small, because the time of one App with many charts is quadratic. */
const ONE_APP_SITES = 100;

export function measureGrowth(findings: Findings): void {
  makeFleet(WARM_UP, OUTDIR).synth();
  let before = ofTen();
  for (const [sites, times] of SIZES) {
    const cpuMs = perSite(sites, times);
    const after = ofTen();
    const goal = sites > 10 ? { atMost: 1.2 } : {};
    findings.add(`fleet of ${sites}, CPU time a site, in a warm process`, cpuMs, 'ms', goal, {
      against: 'a site of ten, before and after', ratio: 2 * cpuMs / (before + after),
    });
    before = after;
  }
}

function ofTen(): number {
  return perSite(10, 20);
}

function perSite(sites: number, times: number): number {
  return median(Array.from({ length: times }, () => costOf(() => makeFleet(sites, OUTDIR).synth()).cpuMs / sites));
}

export function measureFleet(findings: Findings): void {
  const parts = ['fleet', 'edge', 'hand-written/common', 'hand-written/edge', 'hand-written/gateway'];
  const programs = ['fleet', 'bare', 'by-hand', 'one-app'].map(name => `programs/${name}`);
  compile([...parts, ...programs].map(name => `bench/synth/${name}.ts`));
  const run = (program: string, sites: number) => runProgram(`bench/synth/programs/${program}.ts`, join(OUTDIR, program), String(sites));
  const turns = Array.from({ length: TURNS }, () => ['fleet', 'bare', 'by-hand'].map(program => run(program, 1_000)));
  const cpuSeconds = median(turns.map(([fleet]) => fleet.cpuMs)) / 1000;
  findings.add('fleet of 1000 HA edges, the whole `node main.js`', median(turns.map(([fleet]) => fleet.wallMs)) / 1000, 's');
  findings.add('fleet of 1000 HA edges, CPU time', cpuSeconds, 's', { atMost: 2.5 }, {
    against: '1000 Apps of twelve small cdk8s-plus objects', ratio: median(turns.map(([fleet, bare]) => fleet.cpuMs / bare.cpuMs)),
  });
  findings.add('fleet of 1000 HA edges, CPU time, compared with by hand', cpuSeconds, 's', { atMost: 1.7 }, {
    against: '1000 Apps of the same objects by hand', ratio: median(turns.map(([fleet, , byHand]) => fleet.cpuMs / byHand.cpuMs)),
  });
  const [some, oneApp] = [run('fleet', ONE_APP_SITES), run('one-app', ONE_APP_SITES)];
  findings.add(`fleet of ${ONE_APP_SITES} HA edges, CPU time`, some.cpuMs / 1000, 's', { atMost: 1 }, {
    against: 'the same as charts of one App', ratio: some.cpuMs / oneApp.cpuMs,
  });
}
