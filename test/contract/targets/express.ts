import type { ErrorRequestHandler } from 'express';
import { decisionOf, portcullis } from '../../../middleware/express.ts';
import { ConfigError } from '../../../src/errors.ts';
import { anyPath, EXPRESSES } from '../../helpers/expresses.ts';
import { listen } from '../../helpers/http.ts';
import { AFTER_PARSER_PATH, CONTROL_PATH, createApp, PARSED_PATH } from '../app.ts';
import { answerNode, bytesOf, HOPS, type Target } from './target.ts';

export function expressTarget(version: 4 | 5): Target {
  const make = EXPRESSES[version];
  return {
    name: `Express ${version}`,
    async start() {
      const own = createApp();
      const app = make();
      app.set('trust proxy', HOPS);
      app.disable('etag');
      app.all(CONTROL_PATH, async (req, res) => answerNode(res, await own.control(req.method)));
      app.use(AFTER_PARSER_PATH, make.json());
      app.use(portcullis(own.gate));
      app.all(PARSED_PATH, make.json(), (req, res) => answerNode(res, own.behindParser(req.body, decisionOf(res))));
      app.all(anyPath(version), async (req, res) => {
        const { method } = req;
        const bytes = await bytesOf(req);
        const decision = decisionOf(res);
        answerNode(res, await own.behind({ method, header: (name) => req.get(name), bytes, decision }));
      });
      app.use(((error, _req, res, _next) => {
        res.status(500).json({ code: error instanceof ConfigError ? error.code : 'other' });
      }) as ErrorRequestHandler);
      const { port, close } = await listen(app);
      return { port, stop: close };
    },
  };
}
