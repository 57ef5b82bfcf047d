import { Hono } from 'hono';
import { addressKey, createGate, format, rateLimit, required, sanity } from 'portcullis';
import { portcullis } from 'portcullis/hono';
import { pii } from 'portcullis/pii';

/** The comments API once more, in Hono: on Deno here, and with another last line on Bun, Node or Workers. */
const gate = createGate({
  guards: [
    rateLimit({ key: (exchange) => addressKey(exchange.address), rate: 5, burst: 10 }),
    sanity({ rules: [required('/text'), format('/text', (text) => typeof text === 'string' && text.length <= 2_000)] }),
    pii({ mode: 'redact', types: ['email', 'phone', 'ssn', 'credit_card'] }),
  ],
  stages: { sanity: 'enforce', pii: 'enforce' },
});

const comments: { readonly id: number; readonly text: string }[] = [];
const app = new Hono();
app.get('/comments', (c) => c.json(comments));
app.post('/comments', portcullis(gate), async (c) => {
  const { text } = await c.req.json<{ text: string }>();
  const comment = { id: comments.length + 1, text };
  comments.push(comment);
  return c.json({ ...comment, redacted: c.var.portcullis.patches.length }, 201);
});

// What Deno tells of the connection goes on to Hono as `c.env`: the gate finds the client's address there.
const port = Number(Deno.env.get('PORT') ?? 8000);
Deno.serve(
  { hostname: '127.0.0.1', port, onListen: (at) => console.log(`comments on http://127.0.0.1:${at.port}/comments`) },
  (request, info) => app.fetch(request, info),
);
