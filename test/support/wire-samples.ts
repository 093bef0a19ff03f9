import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireSample } from '../../exchange/index.js';
import { answerFault } from '../exchange/answer-fault.js';
import { frameFault } from '../exchange/stream-schemas.js';

/**
 * What the exchange processes of a folder have said: of each route, status and stream one sample of
 * every shape. A line that a kill cut off is left out.
 */
export function readWireSamples(folder: string): readonly WireSample[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WireSample);
  });
}

/**
 * What is wrong with the samples of a folder, one line each: answers against the API documents,
 * frames against the schemas of the wire; and a subject with more shapes than were written, since
 * then not everything was seen.
 */
export function wireFaults(folder: string): readonly string[] {
  return readWireSamples(folder)
    .map((sample) => {
      switch (sample.kind) {
        case 'answer':
          return answerFault(sample);
        case 'frame':
          return frameFault(sample.frame);
        case 'full':
          return `more shapes of ${sample.subject} than samples: raise their number`;
      }
    })
    .filter((fault) => fault !== null);
}
