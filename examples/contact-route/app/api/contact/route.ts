import { addressKey, createGate, format, rateLimit, required, sanity } from 'portcullis';
import { decisionOf, portcullis } from 'portcullis/fetch';
import { pii } from 'portcullis/pii';

interface Contact {
  readonly reply_to: string;
  readonly message: string;
}

const gate = createGate({
  guards: [
    rateLimit({ key: (exchange) => addressKey(exchange.address), rate: 0.1, burst: 3 }),
    sanity({
      rules: [
        required('/reply_to'),
        format('/reply_to', /^[^\s@]{1,64}@[^\s@]{1,255}$/),
        required('/message'),
        format('/message', (text) => typeof text === 'string' && text.length <= 5_000),
      ],
    }),
    // Who writes wants an answer: that address is meant to be there, and no other.
    pii({ mode: 'redact', ignore: ['/reply_to'] }),
  ],
  stages: { sanity: 'enforce', pii: 'enforce' },
});

async function contact(request: Request): Promise<Response> {
  const { reply_to, message } = (await request.json()) as Contact;
  // Here an application would hand it to whoever answers.
  return Response.json({ reply_to, message, decision: decisionOf(request)?.id }, { status: 201 });
}

/** A route handler as Next.js, and others with file routes, call it. The platform in front sets the header. */
export const POST: (request: Request) => Promise<Response> = portcullis(gate, contact, {
  trust: { header: 'x-real-ip' },
});
