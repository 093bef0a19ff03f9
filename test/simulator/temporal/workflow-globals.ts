import type { Context } from '@temporalio/activity';
import encoding from '@temporalio/common/lib/encoding.js';
import { FollowedValue, replaceStorages } from '../time/followed-values.js';

replaceStorages();

// The SDK brings a codec of its own along, for sandboxes that have none. Node's says the same.
Object.assign(encoding, {
  encode: (text: string): Uint8Array => Buffer.from(text),
  decode: ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
    Buffer.from(buffer, byteOffset, byteLength).toString(),
});

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
