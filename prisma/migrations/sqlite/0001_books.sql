-- The tables of the books. Money is micro-dollars, prices nano-dollars, quantities nano-units,
-- instants milliseconds since 1970 in UTC: 64-bit integers, never floating point.

CREATE TABLE "accounts" (
  "account" TEXT NOT NULL PRIMARY KEY,
  "mode" TEXT NOT NULL,
  "broker_account_number" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "opening_cash_micros" BIGINT NOT NULL,
  "cash_micros" BIGINT NOT NULL,
  "realized_pnl_micros" BIGINT NOT NULL,
  "fees_micros" BIGINT NOT NULL,
  "long_cost_basis_micros" BIGINT NOT NULL,
  "short_cost_basis_micros" BIGINT NOT NULL,
  "reserved_micros" BIGINT NOT NULL,
  "halt_mode" TEXT NOT NULL,
  "halt_version" INTEGER NOT NULL,
  "audit_sequence" INTEGER NOT NULL,
  "audit_head" TEXT NOT NULL,
  "created_at_ms" BIGINT NOT NULL
);

CREATE TABLE "cash_entries" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "entry_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "amount_micros" BIGINT NOT NULL,
  "evidence" TEXT NOT NULL,
  "at_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "entry_id")
);

CREATE TABLE "trading_days" (
  "account" TEXT NOT NULL,
  "date" TEXT NOT NULL,
  "start_equity_micros" BIGINT NOT NULL,
  "peak_equity_micros" BIGINT NOT NULL,
  "last_equity_micros" BIGINT NOT NULL,
  "realized_pnl_micros" BIGINT NOT NULL,
  "trades_closed" INTEGER NOT NULL,
  "losing_streak" INTEGER NOT NULL,
  "orders_admitted" INTEGER NOT NULL,
  "orders_denied" INTEGER NOT NULL,
  "started_at_ms" BIGINT NOT NULL,
  "summarized_at_ms" BIGINT,
  PRIMARY KEY ("account", "date"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "limits" (
  "account" TEXT NOT NULL PRIMARY KEY,
  "order_notional_max_micros" BIGINT NOT NULL,
  "position_notional_max_micros" BIGINT NOT NULL,
  "leverage_hundredths" INTEGER NOT NULL,
  "daily_loss_max_micros" BIGINT NOT NULL,
  "daily_loss_basis_points_max" INTEGER NOT NULL,
  "drawdown_basis_points_max" INTEGER NOT NULL,
  "losing_streak_max" INTEGER NOT NULL,
  "updated_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "orders" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "correlation_id" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "leg" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "quantity_nanos" BIGINT NOT NULL,
  "amount_micros" BIGINT,
  "type" TEXT NOT NULL,
  "limit_price_nanos" BIGINT,
  "stop_price_nanos" BIGINT,
  "time_in_force" TEXT NOT NULL,
  "extended_hours" BOOLEAN NOT NULL,
  "order_class" TEXT NOT NULL,
  "take_profit_price_nanos" BIGINT,
  "stop_loss_price_nanos" BIGINT,
  "stop_loss_limit_price_nanos" BIGINT,
  "purpose" TEXT NOT NULL,
  "decided_at_ms" BIGINT NOT NULL,
  "valid_until_ms" BIGINT NOT NULL,
  "decision_price_nanos" BIGINT,
  "reason" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "send_deadline_at_ms" BIGINT,
  "earlier_send_at_ms" BIGINT,
  "last_possible_send_at_ms" BIGINT,
  "broker_order_id" TEXT,
  "end_code" TEXT,
  "end_message" TEXT,
  "ordered_quantity_nanos" BIGINT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "filled_quantity_nanos" BIGINT NOT NULL,
  "filled_notional_micros" BIGINT NOT NULL,
  "broker_filled_quantity_nanos" BIGINT NOT NULL,
  "broker_status" TEXT,
  "broker_updated_at" TEXT,
  "parked_reason" TEXT,
  "parent" TEXT,
  "replaces" TEXT,
  "last_error" TEXT,
  "raw_body" TEXT,
  "created_at_ms" BIGINT NOT NULL,
  "updated_at_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "client_order_id"),
  UNIQUE ("account", "broker_order_id")
);

CREATE TABLE "order_events" (
  "account" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "sequence" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "from_state" TEXT,
  "to_state" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "detail" TEXT NOT NULL,
  "raw" TEXT,
  "broker_event_id" TEXT,
  "at_ms" BIGINT NOT NULL,
  "recorded_at_wall_ms" BIGINT NOT NULL,
  PRIMARY KEY ("account", "client_order_id", "sequence"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  FOREIGN KEY ("account", "client_order_id") REFERENCES "orders" ("account", "client_order_id")
);

CREATE TABLE "fills" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "fill_id" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "broker_order_id" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "cumulative_before_nanos" BIGINT NOT NULL,
  "cumulative_after_nanos" BIGINT NOT NULL,
  "price_nanos" BIGINT NOT NULL,
  "notional_micros" BIGINT NOT NULL,
  "fee_micros" BIGINT NOT NULL,
  "kind" TEXT NOT NULL,
  "reverses_fill_id" TEXT,
  "replaces_fill_id" TEXT,
  "execution_id" TEXT,
  "activity_id" TEXT,
  "event_id" TEXT,
  "source" TEXT NOT NULL,
  "at_ms" BIGINT NOT NULL,
  "recorded_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "fill_id"),
  UNIQUE ("account", "reverses_fill_id"),
  FOREIGN KEY ("account", "client_order_id") REFERENCES "orders" ("account", "client_order_id"),
  FOREIGN KEY ("account", "reverses_fill_id") REFERENCES "fills" ("account", "fill_id"),
  FOREIGN KEY ("account", "replaces_fill_id") REFERENCES "fills" ("account", "fill_id"),
  CHECK ("cumulative_before_nanos" >= 0),
  CHECK ("cumulative_after_nanos" > "cumulative_before_nanos"),
  CHECK (("kind" = 'reversal') = ("reverses_fill_id" IS NOT NULL))
);

CREATE TABLE "reservations" (
  "account" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "opening_quantity_nanos" BIGINT NOT NULL,
  "unit_price_nanos" BIGINT NOT NULL,
  "amount_micros" BIGINT NOT NULL,
  PRIMARY KEY ("account", "client_order_id"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  FOREIGN KEY ("account", "client_order_id") REFERENCES "orders" ("account", "client_order_id")
);

CREATE TABLE "strategy_signals" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "bar_end_at_ms" BIGINT NOT NULL,
  "leg" TEXT NOT NULL,
  "signal" TEXT NOT NULL,
  "client_order_id" TEXT,
  "data_feed" TEXT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "strategy", "symbol", "bar_end_at_ms", "leg")
);

CREATE TABLE "turns" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "turn_id" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "leg" TEXT NOT NULL,
  "from_side" TEXT NOT NULL,
  "entry" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "progress" TEXT NOT NULL,
  "history" TEXT NOT NULL,
  "created_at_ms" BIGINT NOT NULL,
  "updated_at_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "turn_id")
);

CREATE TABLE "risk_decisions" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "client_order_id" TEXT NOT NULL,
  "decision" TEXT NOT NULL,
  "code" TEXT,
  "message" TEXT NOT NULL,
  "inputs" TEXT NOT NULL,
  "at_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "positions" (
  "account" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "quantity_nanos" BIGINT NOT NULL,
  "cost_basis_micros" BIGINT NOT NULL,
  "realized_pnl_micros" BIGINT NOT NULL,
  "last_price_nanos" BIGINT,
  "last_price_at_ms" BIGINT,
  "entered_at_ms" BIGINT,
  "updated_at_ms" BIGINT NOT NULL,
  PRIMARY KEY ("account", "symbol"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "position_changes" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "change_id" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "cause" TEXT NOT NULL,
  "side_before" TEXT NOT NULL,
  "quantity_before_nanos" BIGINT NOT NULL,
  "cost_basis_before_micros" BIGINT NOT NULL,
  "side_after" TEXT NOT NULL,
  "quantity_after_nanos" BIGINT NOT NULL,
  "cost_basis_after_micros" BIGINT NOT NULL,
  "realized_micros" BIGINT NOT NULL,
  "evidence" TEXT NOT NULL,
  "at_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "change_id")
);

CREATE TABLE "trades" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "trade_id" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "entry_quantity_nanos" BIGINT NOT NULL,
  "entry_notional_micros" BIGINT NOT NULL,
  "exit_quantity_nanos" BIGINT NOT NULL,
  "exit_notional_micros" BIGINT NOT NULL,
  "realized_pnl_micros" BIGINT NOT NULL,
  "fees_micros" BIGINT NOT NULL,
  "slippage_micros" BIGINT NOT NULL,
  "entry_fill_ids" TEXT NOT NULL,
  "exit_fill_ids" TEXT NOT NULL,
  "opened_at_ms" BIGINT NOT NULL,
  "closed_at_ms" BIGINT,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "trade_id")
);

CREATE TABLE "instruments" (
  "account" TEXT NOT NULL,
  "symbol" TEXT NOT NULL,
  "asset_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "exchange" TEXT NOT NULL,
  "tradable" BOOLEAN NOT NULL,
  "shortable" BOOLEAN NOT NULL,
  "fractionable" BOOLEAN NOT NULL,
  "parked_reason" TEXT,
  "updated_at_wall_ms" BIGINT NOT NULL,
  PRIMARY KEY ("account", "symbol"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "system_state" (
  "account" TEXT NOT NULL PRIMARY KEY,
  "state" TEXT NOT NULL,
  "boot_epoch" INTEGER NOT NULL,
  "message" TEXT NOT NULL,
  "updated_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "halt_causes" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "cause_id" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "triggered_by" TEXT NOT NULL,
  "metadata" TEXT NOT NULL,
  "cancel_policy" TEXT NOT NULL,
  "engaged_at_wall_ms" BIGINT NOT NULL,
  "completed_at_wall_ms" BIGINT,
  "released_at_wall_ms" BIGINT,
  "released_by" TEXT,
  "release_reason" TEXT,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "cause_id")
);

CREATE TABLE "breaker_events" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "endpoint_class" TEXT NOT NULL,
  "from_state" TEXT NOT NULL,
  "to_state" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "audit_records" (
  "account" TEXT NOT NULL,
  "sequence" INTEGER NOT NULL,
  "actor" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "entity" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "at_wall_ms" BIGINT NOT NULL,
  "previous_hash" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  PRIMARY KEY ("account", "sequence"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "config_snapshots" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "boot_epoch" INTEGER NOT NULL,
  "at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "hash", "boot_epoch")
);

CREATE TABLE "broker_events" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "client_order_id" TEXT,
  "broker_order_id" TEXT,
  "outcome" TEXT NOT NULL,
  "execution_id" TEXT,
  "previous_execution_id" TEXT,
  "price_nanos" BIGINT,
  "quantity_nanos" BIGINT,
  "cumulative_nanos" BIGINT,
  "traded_at_ms" BIGINT,
  "raw" TEXT NOT NULL,
  "stream_epoch" INTEGER NOT NULL,
  "received_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "event_id")
);

CREATE TABLE "stream_state" (
  "account" TEXT NOT NULL PRIMARY KEY,
  "stream_epoch" INTEGER NOT NULL,
  "boot_epoch" INTEGER NOT NULL,
  "status" TEXT NOT NULL,
  "repaired_through_ms" BIGINT NOT NULL,
  "message" TEXT NOT NULL,
  "updated_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "outbox" (
  "account" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "target" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "payload" TEXT NOT NULL,
  "delivered_version" INTEGER NOT NULL,
  "posted_at_version" INTEGER NOT NULL,
  PRIMARY KEY ("account", "kind", "target"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE TABLE "reconciliation_runs" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "run_id" TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "local_positions" INTEGER NOT NULL,
  "broker_positions" INTEGER NOT NULL,
  "corrections" INTEGER NOT NULL,
  "message" TEXT NOT NULL,
  "started_at_wall_ms" BIGINT NOT NULL,
  "finished_at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "run_id")
);

CREATE TABLE "discrepancies" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "run_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "severity" TEXT NOT NULL,
  "local" TEXT NOT NULL,
  "broker" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "run_id", "kind", "subject"),
  FOREIGN KEY ("account", "run_id") REFERENCES "reconciliation_runs" ("account", "run_id")
);

CREATE TABLE "alerts" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "alert_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "severity" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "metadata" TEXT NOT NULL,
  "at_ms" BIGINT NOT NULL,
  "recorded_at_wall_ms" BIGINT NOT NULL,
  "acknowledged_by" TEXT,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "alert_id")
);

CREATE TABLE "alert_deliveries" (
  "account" TEXT NOT NULL,
  "alert_id" TEXT NOT NULL,
  "channel" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "outcome" TEXT NOT NULL,
  "last_error" TEXT,
  "delivered_at_wall_ms" BIGINT,
  "updated_at_wall_ms" BIGINT NOT NULL,
  PRIMARY KEY ("account", "alert_id", "channel"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  FOREIGN KEY ("account", "alert_id") REFERENCES "alerts" ("account", "alert_id")
);

CREATE TABLE "backtest_runs" (
  "account" TEXT NOT NULL,
  "run_id" TEXT NOT NULL,
  "strategy" TEXT NOT NULL,
  "parameters" TEXT NOT NULL,
  "data_hash" TEXT NOT NULL,
  "orders_hash" TEXT NOT NULL,
  "report" TEXT NOT NULL,
  "started_at_wall_ms" BIGINT NOT NULL,
  "finished_at_wall_ms" BIGINT NOT NULL,
  PRIMARY KEY ("account", "run_id"),
  FOREIGN KEY ("account") REFERENCES "accounts" ("account")
);

CREATE INDEX "orders_account_state" ON "orders" ("account", "state");
CREATE INDEX "orders_account_decided_at_ms" ON "orders" ("account", "decided_at_ms");
CREATE INDEX "orders_account_parent" ON "orders" ("account", "parent");
CREATE INDEX "fills_account_client_order_id" ON "fills" ("account", "client_order_id");
CREATE INDEX "fills_account_broker_order_id" ON "fills" ("account", "broker_order_id");
CREATE INDEX "fills_account_at_ms" ON "fills" ("account", "at_ms");
CREATE INDEX "fills_account_symbol" ON "fills" ("account", "symbol");
CREATE INDEX "strategy_signals_account_bar_end_at_ms"
  ON "strategy_signals" ("account", "bar_end_at_ms");
CREATE INDEX "turns_account_state" ON "turns" ("account", "state");
CREATE INDEX "risk_decisions_account_client_order_id"
  ON "risk_decisions" ("account", "client_order_id");
CREATE INDEX "position_changes_account_symbol" ON "position_changes" ("account", "symbol");
CREATE INDEX "trades_account_symbol_closed_at_ms" ON "trades" ("account", "symbol", "closed_at_ms");
CREATE INDEX "trades_account_closed_at_ms" ON "trades" ("account", "closed_at_ms");
CREATE INDEX "halt_causes_account_released_at_wall_ms"
  ON "halt_causes" ("account", "released_at_wall_ms");
CREATE INDEX "breaker_events_account_at_wall_ms" ON "breaker_events" ("account", "at_wall_ms");
CREATE INDEX "broker_events_account_client_order_id"
  ON "broker_events" ("account", "client_order_id");
CREATE INDEX "outbox_account_posted_at_version" ON "outbox" ("account", "posted_at_version");
CREATE INDEX "fills_execution_id" ON "fills" ("account", "execution_id")
  WHERE "execution_id" IS NOT NULL AND "kind" <> 'reversal';
CREATE INDEX "fills_activity_id" ON "fills" ("account", "activity_id")
  WHERE "activity_id" IS NOT NULL AND "kind" <> 'reversal';
CREATE INDEX "outbox_undelivered" ON "outbox" ("account", "posted_at_version")
  WHERE "delivered_version" < "version";

-- Live intervals of one broker order never overlap; a reversed fill no longer counts.
CREATE TRIGGER "fills_never_overlap" BEFORE INSERT ON "fills"
WHEN NEW."kind" <> 'reversal' AND EXISTS (
    SELECT 1 FROM "fills" AS held
    WHERE held."account" = NEW."account"
      AND held."broker_order_id" = NEW."broker_order_id"
      AND held."fill_id" <> NEW."fill_id"
      AND held."kind" <> 'reversal'
      AND held."cumulative_before_nanos" < NEW."cumulative_after_nanos"
      AND NEW."cumulative_before_nanos" < held."cumulative_after_nanos"
      AND NOT EXISTS (
        SELECT 1 FROM "fills" AS reversal
        WHERE reversal."account" = held."account"
          AND reversal."reverses_fill_id" = held."fill_id"
      )
  )
BEGIN
  SELECT RAISE(ABORT, 'fills_never_overlap: the interval meets a live fill of this broker order');
END;

-- An execution or activity stands for one live fill; a fill that was moved keeps its ids.
CREATE TRIGGER "fills_ids_once" BEFORE INSERT ON "fills"
WHEN NEW."kind" <> 'reversal' AND EXISTS (
    SELECT 1 FROM "fills" AS held
    WHERE held."account" = NEW."account"
      AND held."fill_id" <> NEW."fill_id"
      AND held."kind" <> 'reversal'
      AND (held."execution_id" = NEW."execution_id" OR held."activity_id" = NEW."activity_id")
      AND NOT EXISTS (
        SELECT 1 FROM "fills" AS reversal
        WHERE reversal."account" = held."account"
          AND reversal."reverses_fill_id" = held."fill_id"
      )
  )
BEGIN
  SELECT RAISE(ABORT, 'fills_ids_once: a live fill has this execution or activity id');
END;

-- Append-only tables: what happened is never edited, only followed by another row.
CREATE TRIGGER "order_events_no_update" BEFORE UPDATE ON "order_events"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of order_events are never changed');
END;
CREATE TRIGGER "order_events_no_delete" BEFORE DELETE ON "order_events"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of order_events are never changed');
END;
CREATE TRIGGER "fills_no_update" BEFORE UPDATE ON "fills"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of fills are never changed');
END;
CREATE TRIGGER "fills_no_delete" BEFORE DELETE ON "fills"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of fills are never changed');
END;
CREATE TRIGGER "position_changes_no_update" BEFORE UPDATE ON "position_changes"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of position_changes are never changed');
END;
CREATE TRIGGER "position_changes_no_delete" BEFORE DELETE ON "position_changes"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of position_changes are never changed');
END;
CREATE TRIGGER "cash_entries_no_update" BEFORE UPDATE ON "cash_entries"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of cash_entries are never changed');
END;
CREATE TRIGGER "cash_entries_no_delete" BEFORE DELETE ON "cash_entries"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of cash_entries are never changed');
END;
CREATE TRIGGER "broker_events_no_update" BEFORE UPDATE ON "broker_events"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of broker_events are never changed');
END;
CREATE TRIGGER "broker_events_no_delete" BEFORE DELETE ON "broker_events"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of broker_events are never changed');
END;
CREATE TRIGGER "audit_records_no_update" BEFORE UPDATE ON "audit_records"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of audit_records are never changed');
END;
CREATE TRIGGER "audit_records_no_delete" BEFORE DELETE ON "audit_records"
BEGIN
  SELECT RAISE(ABORT, 'append_only: rows of audit_records are never changed');
END;

-- Decimals for people. Programs read the tables.
CREATE VIEW "orders_view" AS
SELECT
  "account",
  "client_order_id",
  "strategy",
  "symbol",
  "side",
  rtrim(rtrim(printf('%d.%09d',
    "quantity_nanos" / 1000000000, "quantity_nanos" % 1000000000), '0'), '.') AS "quantity",
  "type",
  CASE WHEN "limit_price_nanos" IS NULL THEN NULL ELSE rtrim(rtrim(printf('%d.%09d',
    "limit_price_nanos" / 1000000000, "limit_price_nanos" % 1000000000), '0'), '.') END
    AS "limit_price_usd",
  CASE WHEN "stop_price_nanos" IS NULL THEN NULL ELSE rtrim(rtrim(printf('%d.%09d',
    "stop_price_nanos" / 1000000000, "stop_price_nanos" % 1000000000), '0'), '.') END
    AS "stop_price_usd",
  "time_in_force",
  "state",
  rtrim(rtrim(printf('%d.%09d',
    "filled_quantity_nanos" / 1000000000, "filled_quantity_nanos" % 1000000000), '0'), '.')
    AS "filled_quantity",
  iif("filled_notional_micros" < 0, '-', '') || printf('%d.%06d',
    abs("filled_notional_micros") / 1000000, abs("filled_notional_micros") % 1000000)
    AS "filled_notional_usd",
  "broker_order_id",
  "parked_reason",
  "reason",
  strftime('%Y-%m-%d %H:%M:%f', "created_at_ms" / 1000.0, 'unixepoch') AS "created_at",
  strftime('%Y-%m-%d %H:%M:%f', "updated_at_ms" / 1000.0, 'unixepoch') AS "updated_at"
FROM "orders";

CREATE VIEW "fills_view" AS
SELECT
  "account",
  "fill_id",
  "client_order_id",
  "symbol",
  "side",
  "kind",
  rtrim(rtrim(printf('%d.%09d',
    "cumulative_before_nanos" / 1000000000, "cumulative_before_nanos" % 1000000000), '0'), '.')
    AS "cumulative_before",
  rtrim(rtrim(printf('%d.%09d',
    "cumulative_after_nanos" / 1000000000, "cumulative_after_nanos" % 1000000000), '0'), '.')
    AS "cumulative_after",
  rtrim(rtrim(printf('%d.%09d',
    "price_nanos" / 1000000000, "price_nanos" % 1000000000), '0'), '.') AS "price_usd",
  iif("notional_micros" < 0, '-', '') || printf('%d.%06d',
    abs("notional_micros") / 1000000, abs("notional_micros") % 1000000) AS "notional_usd",
  iif("fee_micros" < 0, '-', '') || printf('%d.%06d',
    abs("fee_micros") / 1000000, abs("fee_micros") % 1000000) AS "fee_usd",
  "source",
  strftime('%Y-%m-%d %H:%M:%f', "at_ms" / 1000.0, 'unixepoch') AS "at"
FROM "fills";

CREATE VIEW "positions_view" AS
SELECT
  "account",
  "symbol",
  "side",
  rtrim(rtrim(printf('%d.%09d',
    "quantity_nanos" / 1000000000, "quantity_nanos" % 1000000000), '0'), '.') AS "quantity",
  iif("cost_basis_micros" < 0, '-', '') || printf('%d.%06d',
    abs("cost_basis_micros") / 1000000, abs("cost_basis_micros") % 1000000) AS "cost_basis_usd",
  iif("realized_pnl_micros" < 0, '-', '') || printf('%d.%06d',
    abs("realized_pnl_micros") / 1000000, abs("realized_pnl_micros") % 1000000)
    AS "realized_pnl_usd",
  CASE WHEN "last_price_nanos" IS NULL THEN NULL ELSE rtrim(rtrim(printf('%d.%09d',
    "last_price_nanos" / 1000000000, "last_price_nanos" % 1000000000), '0'), '.') END
    AS "last_price_usd",
  strftime('%Y-%m-%d %H:%M:%f', "entered_at_ms" / 1000.0, 'unixepoch') AS "entered_at",
  strftime('%Y-%m-%d %H:%M:%f', "updated_at_ms" / 1000.0, 'unixepoch') AS "updated_at"
FROM "positions";

CREATE VIEW "trades_view" AS
SELECT
  "account",
  "trade_id",
  "strategy",
  "symbol",
  "side",
  rtrim(rtrim(printf('%d.%09d',
    "entry_quantity_nanos" / 1000000000, "entry_quantity_nanos" % 1000000000), '0'), '.')
    AS "entry_quantity",
  iif("entry_notional_micros" < 0, '-', '') || printf('%d.%06d',
    abs("entry_notional_micros") / 1000000, abs("entry_notional_micros") % 1000000)
    AS "entry_notional_usd",
  rtrim(rtrim(printf('%d.%09d',
    "exit_quantity_nanos" / 1000000000, "exit_quantity_nanos" % 1000000000), '0'), '.')
    AS "exit_quantity",
  iif("exit_notional_micros" < 0, '-', '') || printf('%d.%06d',
    abs("exit_notional_micros") / 1000000, abs("exit_notional_micros") % 1000000)
    AS "exit_notional_usd",
  iif("realized_pnl_micros" < 0, '-', '') || printf('%d.%06d',
    abs("realized_pnl_micros") / 1000000, abs("realized_pnl_micros") % 1000000)
    AS "realized_pnl_usd",
  iif("fees_micros" < 0, '-', '') || printf('%d.%06d',
    abs("fees_micros") / 1000000, abs("fees_micros") % 1000000) AS "fees_usd",
  iif("slippage_micros" < 0, '-', '') || printf('%d.%06d',
    abs("slippage_micros") / 1000000, abs("slippage_micros") % 1000000) AS "slippage_usd",
  strftime('%Y-%m-%d %H:%M:%f', "opened_at_ms" / 1000.0, 'unixepoch') AS "opened_at",
  strftime('%Y-%m-%d %H:%M:%f', "closed_at_ms" / 1000.0, 'unixepoch') AS "closed_at"
FROM "trades";
