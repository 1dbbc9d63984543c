/**
 * What an operator finds of a request that failed: the page tells its number, and the log has the line with it.
 */
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Db } from '../storage/db.ts';

/** Gives each request its number, and logs what its page failed by. Addresses are not logged: they may hold a link's secret. */
export const numbered =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      const err = response.locals['error'] as unknown;
      if (err !== undefined && (response.statusCode >= 500 || !response.writableEnded)) {
        log.error({ err, method: request.method, requestId }, 'page failed');
      }
    });
    next();
  };

/** For load balancers: whether the database answers. */
export const health =
  (db: Pick<Db, 'query'>): RequestHandler =>
  async (_request, response) => {
    const isWell = await db.query({ text: 'select 1' }).then(
      () => true,
      () => false,
    );
    response.status(isWell ? 200 : 503).json({ status: isWell ? 'ok' : 'the database does not answer' });
  };
