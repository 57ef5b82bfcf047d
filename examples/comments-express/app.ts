import process from 'node:process';
import { pathToFileURL } from 'node:url';
import express, { type Express } from 'express';
import { addressKey, createGate, format, rateLimit, required, sanity } from 'portcullis';
import { decisionOf, portcullis } from 'portcullis/express';
import { pii } from 'portcullis/pii';

/**
 * A comments API that has nothing to do with PCS: personal data is taken out of what people post before the
 * application sees it, posts have a shape, and nobody posts too fast. There is no anomaly guard: nothing here has
 * a score.
 */
export function createCommentsApp(): Express {
  const gate = createGate({
    guards: [
      rateLimit({ key: (exchange) => addressKey(exchange.address), rate: 5, burst: 10 }),
      sanity({
        rules: [required('/text'), format('/text', (text) => typeof text === 'string' && text.length <= 2_000)],
      }),
      pii({ mode: 'redact', types: ['email', 'phone', 'ssn', 'credit_card'] }),
    ],
    // New guards start report-only; these two are past that.
    stages: { sanity: 'enforce', pii: 'enforce' },
  });

  const comments: { readonly id: number; readonly text: string }[] = [];
  const app = express();
  app.disable('x-powered-by');
  app.get('/comments', (_req, res) => {
    res.json(comments);
  });
  // The guards read JSON whatever the content type says; the parser must not be choosier than they are.
  app.post('/comments', portcullis(gate), express.json({ type: () => true }), (req, res) => {
    const comment = { id: comments.length + 1, text: req.body.text as string };
    comments.push(comment);
    const redacted = decisionOf(res)?.patches.length ?? 0;
    res.status(201).json({ ...comment, redacted });
  });
  return app;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  createCommentsApp().listen(3000, '127.0.0.1', () => {
    process.stdout.write(
      [
        'comments on http://127.0.0.1:3000/comments; try',
        '  curl -H \'content-type: application/json\' -d \'{"text":"mail me: jane@example.org"}\' http://127.0.0.1:3000/comments',
        '',
      ].join('\n'),
    );
  });
}
