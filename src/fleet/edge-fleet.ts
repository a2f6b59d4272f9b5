// many sites in one program: one App after the other, so that time grows linearly and memory stays small
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App } from 'cdk8s';
import { checkSite } from './check-site';
import { filesOf } from './site-files';
import type { SiteFiles } from './site-files';
import type { Problem } from '../validation/problem';
import { describeProblem, throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkThat } from '../validation/values';

/**
 * A site: it makes its charts in its own App.
 */
export interface IEdgeSite {
  /**
   * Makes the charts of the site. `EdgeFleet.synth()` calls it once.
   *
   * @param app App of this site only. The fleet synthesizes it.
   */
  makeCharts(app: App): void;
}

/**
 * Properties for `EdgeFleet`.
 */
export interface EdgeFleetProps {
  /**
   * Folder that gets one folder for each site.
   *
   * @default - CDK8S_OUTDIR, which `cdk8s synth` sets, otherwise "dist"
   */
  readonly outdir?: string;
}

/** The messages of more sites would hide the first ones. */
const SHOWN_ERRORS = 20;

/**
 * Many sites, such as stores or clusters: one folder of manifests for each.
 *
 * Every site has its own App, because the time of one App grows with the square of its charts. Its folder has the same bytes as
 * the output of a single App. Every site is a cluster of its own: host ports, virtual router ids, addresses and object names are
 * not compared between sites.
 */
export class EdgeFleet {
  /**
   * Folder that gets one folder for each site.
   */
  public readonly outdir: string;

  private readonly sites = new Map<string, IEdgeSite>();
  private readonly folders = new Set<string>();

  /**
   * @param props Where to write.
   * @throws option-unknown, type-wrong
   */
  constructor(props: EdgeFleetProps = {}) {
    validateCall('new EdgeFleet', { props });
    this.outdir = props.outdir ?? process.env.CDK8S_OUTDIR ?? 'dist';
  }

  /**
   * Adds a site. `synth()` builds it.
   *
   * @param name Name of the site and of its folder: 1 to 63 letters, digits, dots, dashes and underscores.
   * @param site The site. It makes the charts.
   * @throws site-name-invalid, site-twice
   */
  public addSite(name: string, site: IEdgeSite): void {
    validateCall('EdgeFleet.addSite', { name, site });
    throwIfAny(checkSite(name, this.folders), 'EdgeFleet.addSite()');
    this.folders.add(name.toLowerCase());
    this.sites.set(name, site);
  }

  /**
   * Builds every site and writes its manifests to `<outdir>/<site>/`.
   *
   * If a site has an error, nothing is written. The error shows the first 20 such sites and counts the rest.
   *
   * @throws site-failed
   */
  public synth(): void {
    const synthesized = new Map<string, SiteFiles>();
    const errors = new Map<string, Error>();
    for (const [name, site] of this.sites) {
      try {
        synthesized.set(name, synthesize(site, join(this.outdir, name)));
      } catch (error) {
        errors.set(name, error instanceof Error ? error : new Error(String(error)));
      }
    }
    throwSiteErrors(errors, this.sites.size);
    mkdirSync(this.outdir, { recursive: true });
    synthesized.forEach((files, name) => write(join(this.outdir, name), files));
  }
}

function synthesize(site: IEdgeSite, outdir: string): SiteFiles {
  // if a site synthesizes its App by mistake, the files go where the fleet writes them
  const app = new App({ outdir });
  throwIfAny(checkMade(site.makeCharts(app)));
  // App.synth() reads the same variable
  return filesOf(app, process.env.CDK8S_RECORD_CONSTRUCT_METADATA === 'true');
}

/** TypeScript accepts an async function here. What it makes after its first `await` would be lost. */
function checkMade(answer: unknown): Problem[] {
  return checkThat(!(answer instanceof Promise), {
    code: 'site-asynchronous', what: 'makeCharts() returns a promise', fix: 'load the data before addSite(), and make the charts without await',
  });
}

function write(folder: string, files: SiteFiles): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, parts] of Object.entries(files)) {
    writeFileSync(join(folder, name), parts.join('---\n'));
  }
}

/** Throws the errors of all sites in one, if there are any. */
function throwSiteErrors(errors: Map<string, Error>, sites: number): void {
  const [first] = errors.values();
  if (first === undefined) {
    return;
  }
  const summary = describeProblem({
    code: 'site-failed', what: `${errors.size} of ${sites} sites have errors, and no file was written`, fix: 'correct the errors below',
  });
  const lines = [...errors].map(([name, error]) => `${name}: ${error.message}`);
  const more = lines.length > SHOWN_ERRORS ? [`and ${lines.length - SHOWN_ERRORS} more`] : [];
  throw new Error([summary, ...lines.slice(0, SHOWN_ERRORS), ...more].join('\n'), { cause: first });
}
