import { AsyncLocalStorage } from 'node:async_hooks';

type Values = ReadonlyMap<object, unknown>;

/** Each storage of Node's costs every promise a look; all of ours share one. */
const shared = new AsyncLocalStorage<Values>();

/** A value that follows asynchronous calls, kept beside those of all other storages. */
export class SharedStorage<Value> {
  getStore(): Value | undefined {
    return shared.getStore()?.get(this) as Value | undefined;
  }

  run<Result>(value: Value, call: () => Result): Result {
    return shared.run(new Map(shared.getStore()).set(this, value), call);
  }

  disable(): void {
    // Nothing to give back: the value ends with the call that it was set for.
  }
}

// In its own sandbox the workflow package finds this among the globals, and the activity package
// looks for a storage that is there already. Both must be there before the packages are loaded:
// import this file first.
Object.assign(globalThis, {
  AsyncLocalStorage: SharedStorage,
  [Symbol.for('__temporal_activity_context_storage__')]: new SharedStorage(),
});
