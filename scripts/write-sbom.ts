// Writes the bill of materials of the npm package: CycloneDX, by npm itself. usage: write-sbom.ts FILE
// RELEASE_VERSION is the version of the package; without it, it is package.json's. Peers are not in it: the user's own lock file has them.
import { execFileSync } from 'child_process';
import { readFileSync, writeFileSync } from 'fs';

const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: write-sbom.ts FILE');

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const released = process.env.RELEASE_VERSION ?? version;
const written = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library', '--omit=dev', '--omit=peer'], { encoding: 'utf8' });
const sbom = JSON.parse(written.replaceAll(`${name}@${version}`, `${name}@${released}`));
Object.assign(sbom.metadata.component, { name, version: released });
// both differ with each run; the package itself has the same bytes
delete sbom.serialNumber;
delete sbom.metadata.timestamp;
writeFileSync(file, `${JSON.stringify(sbom, undefined, 2)}\n`);
