declare const brand: unique symbol;

/** A plain value that only its own constructor function can make. It stays plain JSON. */
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };
