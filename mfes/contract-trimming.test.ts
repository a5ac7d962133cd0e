import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { parseAst } from 'vite';
import { keysUsedIn, trimmed } from './contract-trimming.ts';

const left = (file: string, ...used: string[]): string => {
  const source = readFileSync(join(import.meta.dirname, '../shared/contracts', file), 'utf8');
  const code = stripTypeScriptTypes(source);
  const short = trimmed(code, parseAst(code), new Set(used));
  // What is left is still a module.
  parseAst(short);
  return short;
};

describe('a contract in the browser', () => {
  it('has the actions and messages that are used, with what is checked before they are sent', () => {
    const code = left('realtime.ts', 'notifications', 'paymentChanged');
    const http = `http: { route: 'GET /api/notifications', revalidated: true }`;
    expect(code.replaceAll(/\s+/g, ' ')).toContain(`notifications: { ${http}, params: `);
    expect(code).toMatch(/paymentChanged: \{\s*\}/);
    expect(code).not.toMatch(/issueTicket|readAllNotifications|lockoutsChanged/);
  });

  it('has no documentation, no answers and no events', () => {
    const code = left('payments.ts', 'create', 'list');
    expect(code).not.toMatch(/summary|result:|permission|errors: \[/);
    expect(code).toContain('events: {}');
    expect(code).toContain('PAYMENT_STATUSES');
  });
});

it('knows the actions that a micro-frontend names', () => {
  const used = keysUsedIn([join(import.meta.dirname, 'payments/src')]);
  const ofPayers = ['cancel', 'create', 'get', 'list', 'payees', 'paymentChanged', 'recentPayees'];
  const ofAdmins = ['auditEntriesAdded', 'records', 'report', 'users'];
  const names = [...ofPayers, ...ofAdmins].sort();
  expect([...used].sort()).toEqual(names);
});
