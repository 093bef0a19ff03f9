import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { terminalScreen } from '../../cli/terminal-screen.js';

/** A stream that fails with a code while there is one, as a file on a full disk does. */
function output(failure: { code: string | null } = { code: null }) {
  const lines: string[] = [];
  const stream = new Writable({
    autoDestroy: false,
    write: (chunk: Buffer, _encoding, done) => {
      if (failure.code === null) lines.push(chunk.toString());
      done(failure.code === null ? null : Object.assign(new Error('full'), failure));
    },
  });
  return { stream, lines };
}

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('terminalScreen', () => {
  it('no room → nothing is thrown; standard error is told once; the loss is known', async () => {
    const out = output({ code: 'ENOSPC' });
    const err = output();
    const screen = terminalScreen(out.stream, err.stream);
    expect(screen.hasLostLines).toBe(false);
    screen.out('one');
    screen.out('two');
    await nextTick();
    expect(err.lines).toEqual([
      'ordinis: expected room for what is printed, found full; make room\n',
    ]);
    expect(screen.hasLostLines).toBe(true);
  });

  it('no room on either → nothing is thrown', async () => {
    const screen = terminalScreen(
      output({ code: 'ENOSPC' }).stream,
      output({ code: 'ENOSPC' }).stream,
    );
    screen.out('one');
    screen.err('two');
    await nextTick();
    expect(screen.hasLostLines).toBe(true);
  });

  it('its reader went away → nothing is thrown, and nothing was lost', async () => {
    const screen = terminalScreen(output({ code: 'EPIPE' }).stream, output().stream);
    screen.out('one');
    await nextTick();
    expect(screen.hasLostLines).toBe(false);
  });

  it('whatever else → thrown', () => {
    const { stream } = output();
    terminalScreen(stream, output().stream);
    const odd = Object.assign(new Error('odd'), { code: 'EIO' });
    expect(() => stream.emit('error', odd)).toThrow('odd');
  });
});
