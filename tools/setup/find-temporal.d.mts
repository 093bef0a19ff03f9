/** The release that is downloaded or built where no other is found. */
export const TEMPORAL_VERSION: string;

/**
 * Where the Temporal server comes from, without making one. Undefined = it has to be obtained by
 * `npm start` or `npm test`.
 */
export function findTemporal(): Promise<
  { readonly address: string } | { readonly binary: string } | undefined
>;
