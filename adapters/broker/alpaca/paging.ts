import { BrokerUnavailable } from '../errors.js';

export interface PageQuery<Item> {
  readonly what: string;
  readonly pageSize: number;
  /** The page after an item, or the first one. */
  readonly pageAfter: (last: Item | null) => Promise<readonly Item[]>;
  readonly idOf: (item: Item) => string;
  /** The item of a full page that the next one goes on from; the last one unless given. */
  readonly resumeAt?: (page: readonly Item[]) => Item | null;
  /** Told of each request after the first. */
  readonly onNextPage: () => void;
}

/**
 * Every item of all pages, each once, in the order in which it came. A full page that brings
 * nothing new means that the broker does not page as asked: a failed read, never a short list.
 */
export async function readAllPages<Item>(query: PageQuery<Item>): Promise<readonly Item[]> {
  const { what, pageSize, pageAfter, idOf, onNextPage } = query;
  const { resumeAt = lastOf } = query;
  const found = new Map<string, Item>();
  let last: Item | null = null;
  for (;;) {
    const page: readonly Item[] = await pageAfter(last);
    const countBefore = found.size;
    for (const item of page) found.set(idOf(item), item);
    if (page.length < pageSize) return [...found.values()];
    if (found.size === countBefore) {
      throw new BrokerUnavailable(`expected more ${what} after ${countBefore}, found the same`);
    }
    last = resumeAt(page);
    onNextPage();
  }
}

/**
 * For lists of rows of equal instants: Alpaca goes on from an id, but may leave out the rest of the
 * instant in which a page ended. So the next page begins before that instant, where it takes no
 * more than half of this one: pages must bring something new.
 */
export function beforeLastInstant<Item>(
  instantOf: (item: Item) => string,
): (page: readonly Item[]) => Item | null {
  return (page) => {
    const last = lastOf(page);
    if (last === null) return null;
    const before = page.findLastIndex((one) => instantOf(one) !== instantOf(last));
    return before >= page.length / 2 ? (page[before] ?? last) : last;
  };
}

function lastOf<Item>(page: readonly Item[]): Item | null {
  return page.at(-1) ?? null;
}
