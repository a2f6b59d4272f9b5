// a small share of one CPU for some processes, whatever else the machine does
import { existsSync, mkdtempSync, rmdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { untilPasses } from './waiting';

const ROOT = '/sys/fs/cgroup';
const PERIOD_US = 100_000;

/** A cgroup with a quota of CPU time. Processes that a member starts are members too. */
export class CpuQuota {
  /** `share`: of one CPU, such as 0.02. */
  public static create(share: number): CpuQuota {
    const isV2 = existsSync(join(ROOT, 'cgroup.controllers'));
    const quota = new CpuQuota(mkdtempSync(join(isV2 ? ROOT : join(ROOT, 'cpu'), 'edge-quota-')));
    const quotaUs = Math.round(share * PERIOD_US);
    if (isV2) {
      quota.write('cpu.max', `${quotaUs} ${PERIOD_US}`);
    } else {
      quota.write('cpu.cfs_quota_us', `${quotaUs}`);
    }
    return quota;
  }

  private constructor(private readonly folder: string) {}

  /** argv prefix that makes a command a member. */
  public get enter(): string[] {
    return ['bash', '-c', `echo $$ > ${this.folder}/cgroup.procs && exec "$@"`, 'bash'];
  }

  /** A process that has ended needs no quota. */
  public add(pid: number): void {
    try {
      this.write('cgroup.procs', `${pid}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
        throw error;
      }
    }
  }

  /** When the members have ended. */
  public async destroy(): Promise<void> {
    await untilPasses(() => rmdirSync(this.folder));
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }
}
