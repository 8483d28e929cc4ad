import { describe, expect, it } from 'vitest';
import { smtpEmailAccount } from '../../../providers/smtp/account.ts';
import { composeMail } from '../../../providers/kit/mail-message.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';

const account = smtpEmailAccount.parse({ url: 'smtps://u:p@mx.example.com', from: 'On call <oncall@example.com>' });
const person = { ...supervisor, email: 'supervisor@example.com' };
const mailOf = (changes: Parameters<typeof deliveryOf>[0] = {}) => composeMail(deliveryOf(changes), person, account);

describe('a mail', () => {
  it('has the same Message-ID whenever the same notification is sent, and another for another', () => {
    const [once, again, other] = [mailOf({ key: 'k' }), mailOf({ key: 'k' }), mailOf()];
    expect(once.messageId).toMatch(/^<inc\.7QK2MD\.[0-9a-f]{24}@example\.com>$/);
    expect(again.messageId).toBe(once.messageId);
    expect(other.messageId).not.toBe(once.messageId);
  });

  it('hangs in one conversation with all others of its incident', () => {
    const [first, second, elsewhere] = [mailOf(), mailOf(), mailOf({ face: { ...face, workflowId: 'incident-43' } })];
    expect(first.inReplyTo).toMatch(/^<inc\.[0-9a-f]{24}@example\.com>$/);
    expect(first.references).toEqual([first.inReplyTo]);
    expect(second.inReplyTo).toBe(first.inReplyTo);
    expect(elsewhere.inReplyTo).not.toBe(first.inReplyTo);
  });

  it('asks vacation responders to stay silent, and is urgent only when the incident is critical', () => {
    expect(mailOf()).toMatchObject({
      priority: 'high',
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    expect(mailOf({ face: { ...face, incident: { ...face.incident, severity: 'Warning' } } }).priority).toBe('normal');
  });

  it('says the same as text and as HTML, with one link to act by', () => {
    const { text, html } = mailOf();
    for (const part of [
      'Not acknowledged, level 1 of 2',
      'Replication lag 900 s',
      'https://oncall.example.com/i/page-token',
    ]) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect((html as string).match(/href=/g)).toHaveLength(1);
    expect(html).not.toMatch(/<img|src=/);
  });

  it('has no link when there is no page', () => {
    const { pageUrl: _, ...delivery } = deliveryOf();
    const { text, html } = composeMail(delivery, person, account);
    expect(html).not.toContain('href=');
    expect(text).not.toContain('Open incident');
  });

  it('shows markup in an incident as the characters it is', () => {
    const { html } = mailOf({
      wording: { ...wording, subject: '<script>1</script>', text: '<b>&"\'', facts: [['<i>', '</table>']] },
      pageUrl: 'https://oncall.example.com/"onclick="x',
    });
    expect(html).not.toMatch(/<script|<b>|<i>|"onclick/);
    expect(html).toContain('&lt;b&gt;&amp;&quot;&#39;');
  });
});

describe('an account', () => {
  it.each([
    ['url', { url: 'https://mx.example.com', from: 'oncall@example.com' }],
    ['from', { url: 'smtp://mx.example.com', from: 'on call' }],
    ['from', { url: 'smtp://mx.example.com', from: 'a@example.com\r\nBcc: x@example.com' }],
  ])('with an unusable %s is refused', (field, input) => {
    const { error } = smtpEmailAccount.safeParse(input);
    expect(error?.issues[0]?.path).toEqual([field]);
  });
});
