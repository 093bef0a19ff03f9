/** One fenced block of a Markdown page. */
export interface FencedBlock {
  /** The first word after the fence: `sh`, `text`, `mermaid`; empty when there is none. */
  readonly language: string;
  /** The words after the language. No page shows them. */
  readonly words: readonly string[];
  readonly lines: readonly string[];
  /** Where the fence is, from 1. */
  readonly line: number;
}

const FENCE = /^```(\S*)\s*(.*)$/;

/** The fenced blocks of a page, in order. A fence that is never closed is a mistake of the page. */
export function fencedBlocks(page: string): readonly FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { readonly block: Omit<FencedBlock, 'lines'>; readonly lines: string[] } | null = null;
  for (const [index, text] of page.split('\n').entries()) {
    const fence = FENCE.exec(text);
    if (open !== null && fence === null) open.lines.push(text);
    else if (open !== null) {
      blocks.push({ ...open.block, lines: open.lines });
      open = null;
    } else if (fence !== null) {
      const [, language = '', rest = ''] = fence;
      const words = rest.split(/\s+/).filter((word) => word !== '');
      open = { block: { language, words, line: index + 1 }, lines: [] };
    }
  }
  if (open !== null) throw new Error(`expected the fence of line ${open.block.line} to be closed`);
  return blocks;
}

/** The page without its fenced blocks, with as many lines. */
export function proseOf(page: string): string {
  let isInside = false;
  return page
    .split('\n')
    .map((text) => {
      const isFence = FENCE.test(text);
      const isShown = !isInside && !isFence;
      if (isFence) isInside = !isInside;
      return isShown ? text : '';
    })
    .join('\n');
}
