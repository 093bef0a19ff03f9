import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { terminalCanvas } from '../../cli/start/terminal-canvas.js';

function terminal() {
  const stream = Object.assign(new PassThrough(), { columns: 40, rows: 20 });
  let written = '';
  stream.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return { stream, written: () => written };
}

describe('terminal canvas', () => {
  it('a long command to keep → one unbroken line above the picture', () => {
    const { stream, written } = terminal();
    const canvas = terminalCanvas(stream);
    const command = `npm run temporal -- ${'x'.repeat(100)}`;
    canvas.draw('picture');
    canvas.keep(command);
    canvas.done();

    expect(written()).toContain(`${command}\n`);
    expect(written().indexOf(command)).toBeLessThan(written().lastIndexOf('picture'));
  });

  it('many pictures in a row → only the last is drawn', () => {
    const { stream, written } = terminal();
    const canvas = terminalCanvas(stream);
    for (const name of ['first', 'second', 'last']) canvas.draw(name);
    canvas.done();

    expect(written()).toContain('last');
    expect(written()).not.toContain('second');
  });
});
