import type { RequestHandler } from 'express';
import { dropUnread, nodeHeader, readNodeBody, sendKnown } from '../../middleware/node-body.ts';
import type { KnownResponse } from '../../src/guard.ts';
import { MAX_ADMIN_BODY_BYTES } from './body.ts';
import type { AdminCall } from './call.ts';

/** The admin API as a handler of Express 5 or 4. */
export function mountAdmin(answerTo: (call: AdminCall) => Promise<KnownResponse>): RequestHandler {
  return function admin(req, res, next) {
    const call: AdminCall = {
      method: req.method,
      target: req.originalUrl,
      header: (name) => nodeHeader(req, name),
      address: req.ip,
      body: () => readNodeBody(req, res, MAX_ADMIN_BODY_BYTES),
    };
    answerTo(call).then((response) => {
      if (res.destroyed || res.headersSent) return;
      dropUnread(req, res);
      sendKnown(req, res, response);
    }, next);
  };
}
