/** How each member of an object is made out of what the object stands on. */
export type Makers<Ground, Members extends object> = {
  readonly [Name in keyof Members]: (ground: Ground) => Members[Name];
};

/**
 * Objects whose members are made when they are first asked for: a transaction has many tables, and
 * touches a few.
 */
export function lazyMembers<Ground, Members extends object>(
  makers: Makers<Ground, Members>,
): (ground: Ground) => Members {
  const names = Object.keys(makers) as (keyof Members)[];
  class Lazy {
    readonly ground: Ground;
    readonly made: unknown[] = [];

    constructor(ground: Ground) {
      this.ground = ground;
    }
  }
  for (const [index, name] of names.entries()) {
    Object.defineProperty(Lazy.prototype, name, {
      enumerable: true,
      get(this: Lazy): unknown {
        this.made[index] ??= makers[name](this.ground);
        return this.made[index];
      },
    });
  }
  return (ground) => new Lazy(ground) as object as Members;
}
