import { z } from 'zod';

/**
 * What the owner of the account can switch. `suspend_trade` and `no_shorting` are obeyed; the rest
 * is kept.
 */
export const accountConfigurationSchema = z.strictObject({
  disable_overnight_trading: z.boolean(),
  fractional_trading: z.boolean(),
  max_margin_multiplier: z.enum(['1', '2', '4']),
  max_options_trading_level: z.int().min(0).max(3),
  no_shorting: z.boolean(),
  ptp_no_exception_entry: z.boolean(),
  suspend_trade: z.boolean(),
  trade_confirm_email: z.enum(['all', 'none']),
});

export type AccountConfiguration = z.infer<typeof accountConfigurationSchema>;

export const DEFAULT_CONFIGURATION: AccountConfiguration = {
  disable_overnight_trading: false,
  fractional_trading: true,
  max_margin_multiplier: '4',
  max_options_trading_level: 0,
  no_shorting: false,
  ptp_no_exception_entry: false,
  suspend_trade: false,
  trade_confirm_email: 'none',
};
