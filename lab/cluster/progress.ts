// what the lab tells its user: one line a step, with the seconds since the start, and a sign of life in long steps

/** How long one stage took. */
export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
}

/** A stage that says nothing for so long gets a line all the same. */
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

  /** What the running stage is at; shown with the next sign of life. */
  public at(detail: string): void {
    this.detail = detail;
  }

  /** Runs a stage and records how long it took, also when it fails. */
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
