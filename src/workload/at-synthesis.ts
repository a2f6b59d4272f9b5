// checks of what only the whole App shows
import type { IConstruct } from 'constructs';
import { describeProblem } from '../validation/problem';
import type { Problem } from '../validation/problem';

/** Runs the check when cdk8s validates the App. Its problems become validation errors of the construct. */
export function checkLater(construct: IConstruct, check: () => Problem[]): void {
  construct.node.addValidation({ validate: () => check().map(problem => describeProblem(problem)) });
}
