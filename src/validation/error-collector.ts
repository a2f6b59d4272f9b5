// several steps of one construct whose errors are reported together
import { EdgeError, throwIfAny } from './problem';
import type { Problem } from './problem';

/** Runs steps one after the other. A step that fails does not hide the problems of the next one. */
export class ErrorCollector {
  private readonly problems: Problem[] = [];

  /** The result of a step, or undefined if its input is bad. Any other error is thrown at once. */
  public attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof EdgeError)) {
        throw error;
      }
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  /** Throws the problems of all steps in one error, if there are any. */
  public throwIfAny(): void {
    throwIfAny(this.problems);
  }
}
