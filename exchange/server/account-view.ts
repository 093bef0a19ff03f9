import { previousTradingDay } from '../../domain/market/index.js';
import {
  absoluteUsd,
  addUsd,
  averagePriceRounded,
  formatDecimal,
  formatDecimalFixed,
  formatPrice,
  formatUsd,
  maxUsd,
  PRICE_DECIMALS,
  proportionRounded,
  QUANTITY_DECIMALS,
  quantity,
  subtractUsd,
  type Usd,
  usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import {
  type AccountView,
  heldQuantity,
  marginMultiplier,
  marketValue,
  uuidOf,
  type VenuePosition,
} from '../matching/index.js';
import type { ExchangeRun } from '../run/exchange-run.js';
import { assetIdOf, LISTING_EXCHANGE } from '../wire/asset.js';
import { wireInstant } from '../wire/instant.js';

/** The account as the trading API shows it (without the retired day-trade members). */
export function wireAccount(run: ExchangeRun, view: AccountView) {
  const values = view.ledger.values();
  const { cash, equity, lastEquity, longMarketValue, shortMarketValue } = values;
  const gross = addUsd(longMarketValue, absoluteUsd(shortMarketValue));
  const initialMargin = percentOf(gross, 50);
  const maintenanceMargin = percentOf(gross, 30);
  const buyingPower = formatUsd(run.engine.buyingPower(view));
  const regulatory = maxUsd(ZERO_USD, usd(subtractUsd(equity, initialMargin) * 2));
  const name = `${run.options.seed}/account`;
  return {
    id: uuidOf(name),
    admin_configurations: {},
    user_configurations: null,
    account_number: `PA${uuidOf(`${name}/number`).replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    status: 'ACTIVE',
    crypto_status: 'INACTIVE',
    crypto_tier: 0,
    options_approved_level: 0,
    options_trading_level: 0,
    currency: 'USD',
    buying_power: buyingPower,
    effective_buying_power: buyingPower,
    regt_buying_power: formatUsd(regulatory),
    non_marginable_buying_power: formatUsd(maxUsd(ZERO_USD, cash)),
    options_buying_power: '0',
    cash: formatUsd(cash),
    accrued_fees: '0',
    portfolio_value: formatUsd(equity),
    equity: formatUsd(equity),
    last_equity: formatUsd(lastEquity),
    long_market_value: formatUsd(longMarketValue),
    short_market_value: formatUsd(shortMarketValue),
    position_market_value: formatUsd(gross),
    initial_margin: formatUsd(initialMargin),
    maintenance_margin: formatUsd(maintenanceMargin),
    last_maintenance_margin: '0',
    sma: formatUsd(equity),
    multiplier: String(
      Math.min(marginMultiplier(equity), Number(run.configuration.max_margin_multiplier)),
    ),
    shorting_enabled: !run.configuration.no_shorting,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: run.configuration.suspend_trade,
    intraday_adjustments: '0',
    pending_reg_taf_fees: '0',
    balance_asof: previousTradingDay(run.steps.current.marketDate).date,
    created_at: wireInstant(run.openedAtMs),
  };
}

/** A position as the trading API shows it. */
export function wirePosition(view: AccountView, position: VenuePosition, today: string) {
  const { ledger } = view;
  const { symbol, signedNanos, costBasis } = position;
  const units = heldQuantity(position);
  const current = ledger.valuationPrice(symbol);
  const lastDay = ledger.marksOf(symbol).previousClose ?? current;
  const value = marketValue(position, current);
  const signedCost = signedNanos < 0 ? usd(-costBasis) : costBasis;
  const gain = subtractUsd(value, signedCost);
  const isOfToday = position.openedOn === today;
  const dayStart = isOfToday ? signedCost : marketValue(position, lastDay);
  const dayGain = subtractUsd(value, dayStart);
  return {
    asset_id: assetIdOf(symbol),
    symbol,
    exchange: LISTING_EXCHANGE,
    asset_class: 'us_equity',
    asset_marginable: true,
    qty: formatDecimal(signedNanos, QUANTITY_DECIMALS),
    qty_available: availableQuantity(view, position),
    avg_entry_price: formatRate(averagePriceRounded(costBasis, units)),
    side: signedNanos < 0 ? 'short' : 'long',
    market_value: formatUsd(value),
    cost_basis: formatUsd(signedCost),
    unrealized_pl: formatUsd(gain),
    unrealized_plpc: ratio(gain, absoluteUsd(signedCost)),
    unrealized_intraday_pl: formatUsd(dayGain),
    unrealized_intraday_plpc: ratio(dayGain, absoluteUsd(dayStart)),
    current_price: formatPrice(current),
    lastday_price: formatPrice(lastDay),
    change_today: ratio(
      usd(Math.round((current - lastDay) / 1_000)),
      usd(Math.round(lastDay / 1_000)),
    ),
  };
}

/** What no open order has spoken for; signed as the position. */
function availableQuantity({ book }: AccountView, position: VenuePosition): string {
  const closingSide = position.signedNanos < 0 ? 'buy' : 'sell';
  const spokenFor = book.unfilledOn(position.symbol, closingSide);
  const free = Math.max(0, Math.abs(position.signedNanos) - spokenFor);
  return formatDecimal(position.signedNanos < 0 && free > 0 ? -free : free, QUANTITY_DECIMALS);
}

/** Averages carry six decimals on the wire. */
function formatRate(average: number): string {
  const fixed = formatDecimalFixed(average, PRICE_DECIMALS, 6);
  return fixed.replace(/\.?0+$/, '');
}

function percentOf(amount: Usd, percent: number): Usd {
  return proportionRounded(amount, quantity(percent), quantity(100));
}

/** A gain as a share of what it was made on; an opinion for display, six decimals. */
function ratio(gain: Usd, base: Usd): string {
  if (base === 0) return '0';
  const text = (gain / base).toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}
