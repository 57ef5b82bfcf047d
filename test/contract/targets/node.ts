import { decisionOf, portcullis } from '../../../middleware/node.ts';
import { listen } from '../../helpers/http.ts';
import { AFTER_PARSER_PATH, CONTROL_PATH, createApp, PARSED_PATH } from '../app.ts';
import { answerNode, bytesOf, HOPS, type Target } from './target.ts';

export const nodeTarget: Target = {
  name: 'node:http',
  async start() {
    const own = createApp();
    const gated = portcullis(
      own.gate,
      async (req, res) => {
        const bytes = await bytesOf(req);
        const decision = decisionOf(req);
        if (req.url === PARSED_PATH) {
          answerNode(res, own.behindParser(JSON.parse(bytes.toString('utf8')), decision));
        } else {
          const header = (name: string) => req.headers[name] as string | undefined;
          answerNode(res, await own.behind({ method: req.method ?? '', header, bytes, decision }));
        }
      },
      { trust: { hops: HOPS } },
    );
    const { port, close } = await listen(async (req, res) => {
      if (req.url === CONTROL_PATH) return answerNode(res, await own.control(req.method ?? ''));
      if (req.url === AFTER_PARSER_PATH) for await (const _chunk of req);
      gated(req, res);
    });
    return { port, stop: close };
  },
};
