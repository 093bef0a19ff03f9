import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import type { StreamFacts } from '../faults/fault-rule.js';
import type { StreamRecord } from '../run/command.js';
import type { StepOutcome } from '../run/trading-step.js';
import { addAccountRoutes } from './account-routes.js';
import { addActivityRoutes } from './activity-routes.js';
import { ApiFailure, INTERNAL, MALFORMED, NOT_FOUND } from './api-failure.js';
import { addBorrowRoutes } from './borrow-routes.js';
import { answerClientError } from './client-error.js';
import { addControlRoutes } from './control-routes.js';
import type { Credentials, ExchangeContext } from './exchange-context.js';
import { addMarketDataRoutes } from './market-data-routes.js';
import { MarketDataStream } from './market-data-stream.js';
import { addOrderRoutes } from './order-routes.js';
import type { RateLimit } from './rate-limit.js';
import { addReferenceRoutes } from './reference-routes.js';
import { addRequestHooks, type HookOptions } from './request-hooks.js';
import type { FrameEncoding, StreamParts } from './stream-connection.js';
import { TradeUpdatesStream } from './trade-updates-stream.js';

const BODY_BYTES_MAX = 64 * 1024;
const FRAME_BYTES_MAX = 64 * 1024;
/** How often the server looks for requests that take too long. */
const CHECK_MS = 5_000;
const DATA_PATHS: ReadonlySet<string> = new Set(['/v2/iex', '/v2/sip']);

export interface ServerOptions {
  readonly exchange: ExchangeContext;
  readonly rateLimit: RateLimit | null;
  readonly areControlsLocked: boolean;
  /** Wall milliseconds that a client has to send a whole request. */
  readonly requestTimeoutMs: number;
  readonly onMeantAnswer: HookOptions['onMeantAnswer'];
}

/** The two streams of a running exchange. */
export interface ExchangeStreams {
  readonly tradeUpdates: TradeUpdatesStream;
  readonly marketData: MarketDataStream;
}

/** Streams that note who comes and goes in the journal. */
export function openStreams(
  credentials: Credentials,
  exchange: () => ExchangeContext,
  onMeantFrame: StreamParts['onMeantFrame'],
): ExchangeStreams {
  const parts: StreamParts = {
    credentials,
    onMeantFrame,
    note: (record: StreamRecord) => {
      const { run, clock } = exchange();
      run.noteStream(record, clock.nowMs());
    },
    faultOf: (facts: StreamFacts) => {
      const { run, clock } = exchange();
      return run.matchStream(facts, clock.nowMs());
    },
  };
  return {
    tradeUpdates: new TradeUpdatesStream(parts),
    marketData: new MarketDataStream(parts),
  };
}

/** Tells the streams what a step brought. */
export function announceStep(streams: ExchangeStreams, outcome: StepOutcome): void {
  streams.tradeUpdates.flush();
  streams.marketData.publish(outcome.marketEvents);
}

/** The HTTP and WebSocket server, ready to listen. */
export function buildServer(options: ServerOptions, streams: ExchangeStreams): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: options.requestTimeoutMs,
    http: timeouts(options.requestTimeoutMs),
    clientErrorHandler: answerClientError,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  acceptJsonBodies(app);
  answerFailures(app);
  const { exchange, rateLimit, areControlsLocked, onMeantAnswer } = options;
  const onAnswered = () => streams.tradeUpdates.flush();
  addRequestHooks(app, exchange, {
    rateLimit,
    areControlsLocked,
    onAnswered,
    onMeantAnswer,
  });
  addOrderRoutes(app, exchange);
  addAccountRoutes(app, exchange);
  addActivityRoutes(app, exchange);
  addReferenceRoutes(app, exchange);
  addMarketDataRoutes(app, exchange);
  addControlRoutes(app, exchange);
  addBorrowRoutes(app, exchange);
  acceptStreams(app, streams, exchange);
  return app;
}

/** Node takes the longer of both limits for the whole request, so neither may be its default. */
function timeouts(requestTimeoutMs: number) {
  return {
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestTimeoutMs),
  };
}

/** Bodies are JSON whatever a client calls them; an empty one is none. */
function acceptJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(String(body)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      done(new ApiFailure(MALFORMED, 'request body format is invalid'));
    }
  });
}

function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiFailure) {
      return reply.code(error.kind.status).send(error.envelope);
    }
    const status = statusOf(error);
    if (status >= 400 && status < 500) {
      return reply.code(status).send({ code: status * 100_000, message: 'invalid request' });
    }
    process.stderr.write(`exchange: ${error instanceof Error ? error.stack : String(error)}\n`);
    const failure = new ApiFailure(INTERNAL, 'internal server error occurred');
    return reply.code(failure.kind.status).send(failure.envelope);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(new ApiFailure(NOT_FOUND, 'endpoint not found').envelope),
  );
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

function acceptStreams(
  app: FastifyInstance,
  streams: ExchangeStreams,
  { run, clock }: ExchangeContext,
): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
  const hung = new Set<Duplex>();
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path !== '/stream' && !DATA_PATHS.has(path)) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const name = path === '/stream' ? 'trade_updates' : 'market_data';
    if (run.matchStream({ stream: name, moment: 'handshake' }, clock.nowMs()) !== null) {
      hung.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => hung.delete(socket));
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const isPacked = request.headers['content-type'] === 'application/msgpack';
      const json: FrameEncoding = path === '/stream' ? 'json_binary' : 'json_text';
      const stream = path === '/stream' ? streams.tradeUpdates : streams.marketData;
      stream.accept(webSocket, isPacked ? 'msgpack' : json);
    });
  });
  app.addHook('preClose', async () => {
    streams.tradeUpdates.close();
    for (const client of sockets.clients) client.terminate();
    for (const socket of hung) socket.destroy();
    sockets.close();
  });
}
