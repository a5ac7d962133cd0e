/** Pays with types that openapi-typescript makes of the document. Arguments: the address of an instance. */
export const TYPESCRIPT = `import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';

const [baseUrl = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });
const fail = (error: unknown): never => {
  throw new Error(JSON.stringify(error));
};

const account = { email: 'customer@example.com', password: 'TestPassword123!' };
const signedIn = await client.POST('/api/auth/tokens', { body: account });
const { accessToken } = signedIn.data ?? fail(signedIn.error);
const created = await client.POST('/api/payments', {
  params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  headers: { authorization: \`Bearer \${accessToken}\` },
  body: {
    payee: { email: 'vendor@example.com' },
    amountMinor: 1250,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
  },
});
const { id, amountMinor, currency } = created.data ?? fail(created.error);
console.log(id, amountMinor, currency);
`;

/** The same with a currency that there is not: it must not compile. */
export const WRONG_TYPESCRIPT = TYPESCRIPT.replace("'EUR'", "'Euro'");

/** Pays with classes that quicktype makes of the document's schemas. */
export const PYTHON = `import json
import sys
import urllib.request
import uuid

import api

base = sys.argv[1]


def post(path, body, headers):
    data = json.dumps(body.to_dict()).encode()
    request = urllib.request.Request(base + path, data, {"content-type": "application/json", **headers})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


account = api.AuthTokensRequest(email="customer@example.com", password="TestPassword123!")
tokens = api.SignInTokens.from_dict(post("/api/auth/tokens", account, {}))
order = api.PaymentsCreateRequest.from_dict({
    "payee": {"email": "vendor@example.com"},
    "amountMinor": 1250,
    "currency": "EUR",
    "paymentMethod": "pm_card_visa",
})
headers = {"authorization": "Bearer " + tokens.access_token, "idempotency-key": str(uuid.uuid4())}
payment = api.Payment.from_dict(post("/api/payments", order, headers))
print(payment.id, payment.amount_minor, payment.currency.value)
`;

/** Pays with urql, reads the payment with Apollo Client, and waits for its change over SSE and WebSocket. */
export const GRAPHQL = `import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { createClient as createEvents } from 'graphql-sse';
import { createClient as createSockets } from 'graphql-ws';

const [base = ''] = process.argv.slice(2);
const url = base + '/api/graphql';
const signedIn = await fetch(base + '/api/auth/tokens', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email: 'customer@example.com', password: 'TestPassword123!' }),
});
const authorization = 'Bearer ' + (await signedIn.json()).accessToken;
const headers = { authorization };

const changes = 'subscription { realtimePaymentChanged { seq change { id } } }';
/** Resolves with what the stream says once it has begun: waits for the change of a payment. */
const follow = async (client) => {
  const events = client.iterate({ query: changes });
  const first = await events.next();
  if (first.value.errors) throw new Error(JSON.stringify(first.value.errors));
  return async (id) => {
    for await (const { data } of events) if (data.realtimePaymentChanged.change?.id === id) return;
  };
};
const sockets = createSockets({ url: url.replace('http', 'ws'), connectionParams: { authorization } });
const follows = [await follow(createEvents({ url, headers })), await follow(sockets)];

const options = { exchanges: [fetchExchange], fetchOptions: { headers }, preferGetMethod: false };
const urql = new Client({ url, ...options });
const pay = \`mutation ($key: String!) {
  paymentsCreate(idempotencyKey: $key, payee: { email: "vendor@example.com" }, amountMinor: 1250,
    currency: EUR, paymentMethod: pm_card_visa) { id }
}\`;
const paid = await urql.mutation(pay, { key: crypto.randomUUID() }).toPromise();
if (paid.error) throw paid.error;
const { id } = paid.data.paymentsCreate;
await Promise.all(follows.map((seen) => seen(id)));

const apollo = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers }) });
const query = gql\`query ($id: PaymentId!) {
  paymentsGet(id: $id) { id amountMinor currency payee { name } timeline { status } }
}\`;
const { data } = await apollo.query({ query, variables: { id } });
console.log(id, data.paymentsGet.amountMinor, data.paymentsGet.currency, 'to', data.paymentsGet.payee.name);
process.exit(0);
`;
