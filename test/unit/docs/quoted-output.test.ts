import { describe, expect, it } from 'vitest';
import { proseOf } from '../../support/markdown-blocks.js';
import { codeFiles } from '../../tidy/sources.js';
import { pages } from './pages.js';

const RUNBOOKS = 'docs/runbooks/';
/** What the Temporal Web UI calls its own parts. */
const OF_THE_WEB_UI: readonly string[] = ['User Metadata', 'Event History'];
const SPOKEN_BY = ['cli/', 'workers/', 'activities/', 'adapters/', 'domain/'];

/** Everything that the program can say, texts that are broken over lines put together again. */
const spoken = codeFiles()
  .filter(({ path }) => SPOKEN_BY.some((folder) => path.startsWith(folder)))
  .map(({ text }) => text.replace(/['`] \+\s*['`]/g, ''))
  .join('\n');

/** What stands between single asterisks: the words of the program, for a reader to recognise. */
function quotes(page: string): readonly string[] {
  const prose = proseOf(page).replace(/\s+/g, ' ');
  return [...prose.matchAll(/(?<!\*)\*(?!\*)([^*]+)\*(?!\*)/g)].map(([, quote = '']) => quote);
}

/** One line of the code says it: an ellipsis and N stand for what differs. */
function isSpoken(quote: string): boolean {
  const parts = quote.split(/…|\bN\b/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(spoken);
}

function unspoken(page: string): readonly string[] {
  return quotes(page).filter((quote) => !OF_THE_WEB_UI.includes(quote) && !isSpoken(quote));
}

describe('what runbooks quote', () => {
  it.for(pages().filter(({ path }) => path.startsWith(RUNBOOKS)))(
    '$path: every quote → is said by the program',
    ({ text }) => {
      expect(unspoken(text)).toEqual([]);
    },
  );

  it.each([
    ['*found Ordinis running on it (process N)*', []],
    ['| *address does not answer* | **not this** |', ['address does not answer']],
    ['*Order … is gone*, and *Order … is parked*', ['Order … is gone']],
  ])('%s → not said: %j', (page, missing) => {
    expect(unspoken(page)).toEqual(missing);
  });
});
