declare module 'pino-roll' {
  import type { SonicBoom } from 'sonic-boom';
  /** The options of pino-roll 4 that we use; it ships no types. */
  export default function roll(options: {
    readonly file: string;
    readonly frequency: 'daily';
    readonly dateFormat: string;
    readonly extension: string;
    readonly mkdir: boolean;
    readonly limit: { readonly count: number };
    readonly sync: boolean;
  }): Promise<SonicBoom>;
}
