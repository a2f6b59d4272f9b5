// the lab's log: one line per step with the seconds since the start, and progress lines in long steps

/** How long one stage took. */
export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
}

/** Interval of the progress lines of a stage. */
const SIGN_OF_LIFE_MS = 10_000;

export class Progress {
  public readonly times: StageTime[] = [];
  private readonly begun = Date.now();
  private detail = '';

  /** Seconds since the start. */
  public get seconds(): number {
    return (Date.now() - this.begun) / 1000;
  }

  public say(text: string): void {
    process.stderr.write(`lab ${this.seconds.toFixed(1).padStart(6)} s  ${text}\n`);
  }

  /** Sets the detail that the next progress line shows. */
  public at(detail: string): void {
    this.detail = detail;
  }

  /** Runs a stage and records its duration, also when it fails. */
  public async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = Date.now();
    const elapsed = () => (Date.now() - begun) / 1000;
    this.detail = '';
    const life = setInterval(() => this.say(`${name}: ${elapsed().toFixed(0)} s${this.detail && `, ${this.detail}`} …`), SIGN_OF_LIFE_MS);
    try {
      const result = await work();
      this.say(`${name}: ${elapsed().toFixed(1)} s`);
      return result;
    } catch (error) {
      this.say(`${name}: FAILED after ${elapsed().toFixed(1)} s`);
      throw error;
    } finally {
      clearInterval(life);
      this.times.push({ stage: name, seconds: elapsed() });
    }
  }
}
