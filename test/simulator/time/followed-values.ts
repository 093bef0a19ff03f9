import asyncHooks, { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import { promiseHooks } from 'node:v8';

type Values = ReadonlyMap<object, unknown>;

/** Node's own: each that is in use costs every promise of the process a look. */
const RealStorage = AsyncLocalStorage;
const real = new RealStorage<Values>();

const FOLLOWED = Symbol('values');

/** A promise as our hooks know it. */
interface Followed {
  [FOLLOWED]?: Values;
}

let isVirtual = false;
let current: Values | undefined;

/**
 * A value that follows calls, in place of Node's storage of that name, and kept together with those
 * of all others. In virtual time it follows synchronous calls and timers, and promises only where
 * `followingPromises` is asked for: code that needs it elsewhere after an await finds none.
 */
export class FollowedValue<Value> {
  getStore(): Value | undefined {
    return (isVirtual ? current : real.getStore())?.get(this) as Value | undefined;
  }

  run<Given extends readonly unknown[], Result>(
    value: Value,
    call: (...given: Given) => Result,
    ...given: Given
  ): Result {
    if (!isVirtual) {
      return real.run(new Map(real.getStore()).set(this, value), call, ...given);
    }
    return withValues(new Map(current).set(this, value), () => call(...given));
  }

  disable(): void {
    // Nothing to give back: the value ends with the call that it was set for.
  }
}

/** A storage of Node's, for what has to follow real timers and sockets too. */
export function realStorage<Value>(): AsyncLocalStorage<Value> {
  return new RealStorage<Value>();
}

/** Puts the cheap storage where modules that are loaded later look for Node's. */
export function replaceStorages(): void {
  Object.assign(asyncHooks, { AsyncLocalStorage: FollowedValue });
  syncBuiltinESMExports();
}

/** Values follow calls and virtual timers from here on; gives back how to undo it. */
export function followInVirtualTime(): () => void {
  isVirtual = true;
  return () => {
    isVirtual = false;
    current = undefined;
  };
}

/** The call as it is to be made later, with the values of now. */
export function withValuesOfNow(call: () => void): () => void {
  if (!isVirtual) return call;
  const values = current;
  return values === undefined ? call : () => withValues(values, call);
}

/** Values follow promises until the call is over. */
export async function followingPromises<Result>(call: () => Promise<Result>): Promise<Result> {
  if (!isVirtual) return call();
  const unhook = promiseHooks.createHook(HOOKS);
  try {
    return await call();
  } finally {
    unhook();
  }
}

const HOOKS = {
  init: (promise: Promise<unknown> & Followed): void => {
    if (current !== undefined) promise[FOLLOWED] = current;
  },
  before: (promise: Promise<unknown> & Followed): void => {
    current = promise[FOLLOWED];
  },
  after: (): void => {
    current = undefined;
  },
};

function withValues<Result>(values: Values, call: () => Result): Result {
  const outer = current;
  current = values;
  try {
    return call();
  } finally {
    current = outer;
  }
}
