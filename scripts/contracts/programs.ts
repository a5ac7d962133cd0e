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
