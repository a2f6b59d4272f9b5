// a construct whose constructor throws
import type { IConstruct } from 'constructs';

/** Removes the construct from the tree, so that no part of it is written, and another one can have its id. */
export function removeFailed(construct: IConstruct): void {
  construct.node.scope!.node.tryRemoveChild(construct.node.id);
}
