import type { Context } from '@temporalio/activity';
import { FollowedValue, replaceStorages } from '../time/followed-values.js';

replaceStorages();

/** The context of an activity, or how to make it: few activities ask for theirs. */
type ContextOrMaker = Context | (() => Context);

class ContextStorage extends FollowedValue<ContextOrMaker> {
  override getStore(): ContextOrMaker | undefined {
    const found = super.getStore();
    return typeof found === 'function' ? found() : found;
  }
}

export const activityContexts = new ContextStorage();

// In its own sandbox the workflow package finds this among the globals, and the activity package
// looks for a storage that is there already. Both must be there before the packages are loaded:
// import this file first.
Object.assign(globalThis, {
  AsyncLocalStorage: FollowedValue,
  [Symbol.for('__temporal_activity_context_storage__')]: activityContexts,
});
