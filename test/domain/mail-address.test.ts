import { expect, it } from 'vitest';
import { comparedMail } from '../../domain/mail-address.ts';

it('takes ASCII letters of either case for the same, and no other letter for one of them', () => {
  expect(comparedMail('Backup@Example.COM')).toBe('backup@example.com');
  for (const other of ['bac\u212aup', 'b\u0430ckup', '\uff42ackup', 'back\u00dcp', 'backup\u0130', 'bac\u017fup']) {
    expect(comparedMail(`${other}@example.com`)).toBe(`${other}@example.com`);
  }
});
