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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
  "account" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "boot_epoch" INTEGER NOT NULL,
  "at_wall_ms" BIGINT NOT NULL,
  FOREIGN KEY ("account") REFERENCES "accounts" ("account"),
  UNIQUE ("account", "hash", "boot_epoch")
);

CREATE TABLE "broker_events" (
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
  "id" SERIAL PRIMARY KEY,
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
CREATE FUNCTION "fills_never_overlap"() RETURNS trigger AS $$
BEGIN
  IF NEW."kind" <> 'reversal' AND EXISTS (
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
  ) THEN
    RAISE EXCEPTION 'fills_never_overlap: the interval meets a live fill of this broker order';
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER "fills_never_overlap" BEFORE INSERT ON "fills"
FOR EACH ROW EXECUTE FUNCTION "fills_never_overlap"();

-- An execution or activity stands for one live fill; a fill that was moved keeps its ids.
CREATE FUNCTION "fills_ids_once"() RETURNS trigger AS $$
BEGIN
  IF NEW."kind" <> 'reversal' AND EXISTS (
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
  ) THEN
    RAISE EXCEPTION 'fills_ids_once: a live fill has this execution or activity id';
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER "fills_ids_once" BEFORE INSERT ON "fills"
FOR EACH ROW EXECUTE FUNCTION "fills_ids_once"();

-- Append-only tables: what happened is never edited, only followed by another row.
CREATE FUNCTION "append_only"() RETURNS trigger AS $$
BEGIN
  RAISE EXCEPTION 'append_only: rows of % are never changed', TG_TABLE_NAME;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER "order_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "order_events"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();
CREATE TRIGGER "fills_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "fills"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();
CREATE TRIGGER "position_changes_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE
  ON "position_changes"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();
CREATE TRIGGER "cash_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "cash_entries"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();
CREATE TRIGGER "broker_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "broker_events"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();
CREATE TRIGGER "audit_records_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_records"
FOR EACH STATEMENT EXECUTE FUNCTION "append_only"();

-- Decimals for people. Programs read the tables.
CREATE VIEW "orders_view" AS
SELECT
  "account",
  "client_order_id",
  "strategy",
  "symbol",
  "side",
  trim_scale("quantity_nanos"::numeric / 1000000000) AS "quantity",
  "type",
  trim_scale("limit_price_nanos"::numeric / 1000000000) AS "limit_price_usd",
  trim_scale("stop_price_nanos"::numeric / 1000000000) AS "stop_price_usd",
  "time_in_force",
  "state",
  trim_scale("filled_quantity_nanos"::numeric / 1000000000) AS "filled_quantity",
  round("filled_notional_micros"::numeric / 1000000, 6) AS "filled_notional_usd",
  "broker_order_id",
  "parked_reason",
  "reason",
  to_timestamp("created_at_ms" / 1000.0) AS "created_at",
  to_timestamp("updated_at_ms" / 1000.0) AS "updated_at"
FROM "orders";

CREATE VIEW "fills_view" AS
SELECT
  "account",
  "fill_id",
  "client_order_id",
  "symbol",
  "side",
  "kind",
  trim_scale("cumulative_before_nanos"::numeric / 1000000000) AS "cumulative_before",
  trim_scale("cumulative_after_nanos"::numeric / 1000000000) AS "cumulative_after",
  trim_scale("price_nanos"::numeric / 1000000000) AS "price_usd",
  round("notional_micros"::numeric / 1000000, 6) AS "notional_usd",
  round("fee_micros"::numeric / 1000000, 6) AS "fee_usd",
  "source",
  to_timestamp("at_ms" / 1000.0) AS "at"
FROM "fills";

CREATE VIEW "positions_view" AS
SELECT
  "account",
  "symbol",
  "side",
  trim_scale("quantity_nanos"::numeric / 1000000000) AS "quantity",
  round("cost_basis_micros"::numeric / 1000000, 6) AS "cost_basis_usd",
  round("realized_pnl_micros"::numeric / 1000000, 6) AS "realized_pnl_usd",
  trim_scale("last_price_nanos"::numeric / 1000000000) AS "last_price_usd",
  to_timestamp("entered_at_ms" / 1000.0) AS "entered_at",
  to_timestamp("updated_at_ms" / 1000.0) AS "updated_at"
FROM "positions";

CREATE VIEW "trades_view" AS
SELECT
  "account",
  "trade_id",
  "strategy",
  "symbol",
  "side",
  trim_scale("entry_quantity_nanos"::numeric / 1000000000) AS "entry_quantity",
  round("entry_notional_micros"::numeric / 1000000, 6) AS "entry_notional_usd",
  trim_scale("exit_quantity_nanos"::numeric / 1000000000) AS "exit_quantity",
  round("exit_notional_micros"::numeric / 1000000, 6) AS "exit_notional_usd",
  round("realized_pnl_micros"::numeric / 1000000, 6) AS "realized_pnl_usd",
  round("fees_micros"::numeric / 1000000, 6) AS "fees_usd",
  round("slippage_micros"::numeric / 1000000, 6) AS "slippage_usd",
  to_timestamp("opened_at_ms" / 1000.0) AS "opened_at",
  to_timestamp("closed_at_ms" / 1000.0) AS "closed_at"
FROM "trades";
