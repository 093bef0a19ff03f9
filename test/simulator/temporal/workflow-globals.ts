import { FollowedValue, replaceStorages } from '../time/followed-values.js';

replaceStorages();

// In its own sandbox the workflow package finds this among the globals, and the activity package
// looks for a storage that is there already. Both must be there before the packages are loaded:
// import this file first.
Object.assign(globalThis, {
  AsyncLocalStorage: FollowedValue,
  [Symbol.for('__temporal_activity_context_storage__')]: new FollowedValue(),
});
