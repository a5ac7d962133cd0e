import { CURRENCIES, CURRENCY_RULES } from '../currencies.ts';

export type Table = { columns: readonly string[]; rows: readonly (readonly string[])[] };

/** A part of the introduction: paragraphs with `code` and [links](…), commands to copy, and tables. */
export type Section = {
  title: string;
  parts: readonly ({ text: string } | { commands: string } | { table: Table })[];
};

const limits: Table = {
  columns: ['Currency', 'Decimals', 'Least', 'Most'],
  rows: CURRENCIES.map((code) => {
    const { digits, minMinor, maxMinor } = CURRENCY_RULES[code];
    return [code, String(digits), String(minMinor), String(maxMinor)];
  }),
};

/** What the table does not say: the steps of amounts, and the currencies that begin and end. */
const exceptions: readonly string[] = CURRENCIES.flatMap((code) => {
  const { stepMinor, from, ended } = CURRENCY_RULES[code];
  return [
    ...(stepMinor === 1 ? [] : [`${code} is paid in multiples of ${stepMinor}.`]),
    ...(from ? [`${code} can be paid in from ${from} on.`] : []),
    ...(ended ? [`${code} ended: from ${ended.on} on pay in ${ended.replacedBy}.`] : []),
  ];
});

const signIn = (url: string): Section => ({
  title: 'Get a token',
  parts: [
    {
      text:
        'You need an account and a shell with curl. Put your e-mail address and password in place of ' +
        'these, which are those of a demo account.',
    },
    {
      // The password may have quotes of both kinds and backslashes.
      commands: `API=${url}
EMAIL='customer@example.com'
PASSWORD=$(cat <<'END'
TestPassword123!
END
)`,
    },
    { text: 'Sign in. The access token is valid for ten minutes.' },
    {
      commands: `ESCAPED=$(printf '%s' "$PASSWORD" | sed 's/[\\\\"]/\\\\&/g')
TOKEN=$(curl -sS $API/api/auth/tokens \\
  -H 'Content-Type: application/json' \\
  -d "{\\"email\\":\\"$EMAIL\\",\\"password\\":\\"$ESCAPED\\"}" |
  sed -n 's/.*"accessToken":"\\([^"]*\\)".*/\\1/p')
echo "\${TOKEN:-no token}"`,
    },
    { text: 'Send it with every request.' },
    { commands: `curl -sS $API/api/auth/me -H "Authorization: Bearer $TOKEN"` },
    {
      text:
        'A program keeps the refresh token of the answer and exchanges it with `POST ' +
        '/api/auth/tokens/refresh` before the access token expires. It also keeps the device token and ' +
        'sends it with its next sign-in. Browsers sign in with `POST /api/auth/login` instead: their ' +
        'tokens are cookies that no script can read.',
    },
  ],
});

const pay: Section = {
  title: 'Make a payment',
  parts: [
    {
      text:
        'You are the payer, the vendor is the payee. Run it twice: the second answer is the first one ' +
        'again, because the `Idempotency-Key` is the same. Use a new key for each payment that you mean ' +
        'to make.',
    },
    {
      commands: `curl -sS $API/api/payments \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Idempotency-Key: my-first-payment' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "payee": { "email": "vendor@example.com" },
    "amountMinor": 1250,
    "currency": "EUR",
    "paymentMethod": "pm_card_visa",
    "description": "Posters, 50 copies"
  }'`,
    },
    { text: 'The payment starts as `pending`. See what became of it:' },
    { commands: `curl -sS "$API/api/payments?limit=1" -H "Authorization: Bearer $TOKEN"` },
  ],
};

const RULES: readonly Section[] = [
  {
    title: 'Amounts',
    parts: [
      {
        text:
          'An amount is a whole number of minor units with an ISO 4217 currency: `1250` and `EUR` are ' +
          '12.50 euros, `1250` and `JPY` are 1250 yen, `1250` and `KWD` are 1.250 dinars.',
      },
      { text: 'The limits of a new payment, in minor units:' },
      { table: limits },
      { text: exceptions.join(' ') },
    ],
  },
  {
    title: 'Lists',
    parts: [
      {
        text:
          'A list answers with `items` and `nextCursor`. Send `nextCursor` as `cursor`, with the same ' +
          'filters, for the next page; it is null on the last page. Times are in UTC, as ISO 8601.',
      },
    ],
  },
  {
    title: 'Errors',
    parts: [
      {
        text:
          'Every error is a problem (RFC 9457, `application/problem+json`). Rely on its `code`: the list ' +
          'of codes is closed for a version of the API, and each operation names those that it can ' +
          'answer with. Sentences are for people and may change. Name the `requestId` when you report a ' +
          'problem.',
      },
      {
        text:
          '`Retry-After` says when the same request may succeed: with every 429, 503 and 504, and with ' +
          '409 `idempotency_in_progress`. An address that does not exist is 404 `not_found`, a method ' +
          'that an address does not take is 405 `method_not_allowed`.',
      },
    ],
  },
  {
    title: 'Limits',
    parts: [
      {
        text:
          'Each operation names how many requests a minute an account and a network address may send. ' +
          '`RateLimit` says on every answer what is left. A body may have 100 KB.',
      },
    ],
  },
  {
    title: 'Changes',
    parts: [
      {
        text:
          'Answers may gain fields and lists of values may gain values; pass over what you do not know. ' +
          'Requests with fields that an operation does not know are refused.',
      },
    ],
  },
];

/** What a reader needs before the first request. @param url the public address of the platform */
export const introductionSections = (url: string): readonly Section[] => [signIn(url), pay, ...RULES];

export const introductionLead =
  'Pay a vendor, and follow the payment. The pages use this API too: what they can do, you can do. ' +
  'GraphQL at /api/graphql takes the same actions.';

const markdownOf = (part: Section['parts'][number]): string => {
  if ('text' in part) return part.text;
  if ('commands' in part) return `\`\`\`sh\n${part.commands}\n\`\`\``;
  const { columns, rows } = part.table;
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

/** The introduction in Markdown. */
export const introduction = (url: string): string =>
  [
    introductionLead,
    ...introductionSections(url).flatMap(({ title, parts }) => [`## ${title}`, ...parts.map(markdownOf)]),
  ].join('\n\n');
