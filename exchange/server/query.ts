import { z } from 'zod';
import { parseMarketDate } from '../../domain/market/index.js';
import { type EpochMs, epochMs, parseInstant } from '../../domain/values/index.js';

const oneOrMany = z.union([z.string(), z.array(z.string())]);

/** A list as `a,b` or as a repeated parameter; clients send both. */
export const listQuery = oneOrMany
  .transform((value) =>
    (Array.isArray(value) ? value : [value])
      .flatMap((part) => part.split(','))
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .optional();

/** An RFC 3339 instant or a bare date (its midnight UTC). */
export const instantQuery = z
  .string()
  .transform((text, context): EpochMs => {
    const instant = parseInstant(text) ?? midnightOf(text);
    if (instant !== null) return instant;
    context.addIssue({ code: 'custom', message: `expected an RFC 3339 instant, found ${text}` });
    return z.NEVER;
  })
  .optional();

export const booleanQuery = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

/** A whole number between two bounds, with a default. */
export function countQuery(bounds: {
  readonly min: number;
  readonly max: number;
  readonly byDefault: number;
}) {
  return z.coerce.number().int().min(bounds.min).max(bounds.max).default(bounds.byDefault);
}

function midnightOf(text: string): EpochMs | null {
  const date = parseMarketDate(text);
  return date === null ? null : epochMs(Date.parse(`${date}T00:00:00Z`));
}
