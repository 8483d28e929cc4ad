import { Context } from '@temporalio/activity';
import type { Configuration, Member } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { CodeMedium, Notice } from '../domain/member/book.ts';
import { adapterFacts } from '../domain/media.ts';
import { identityOf } from '../config/duty/directory.ts';
import { platformOf } from '../config/schema/names.ts';
import type { NoticeRoute, Proving } from './contract.ts';
import { startOf } from '../client/long-lived.ts';
import { talk } from '../client/talk.ts';
import { ACCOUNT } from '../domain/messages.ts';
import { accountWorkflowId } from '../domain/workflow-ids.ts';
import { planMedium } from './plan.ts';
import { steady } from './steady.ts';

/** The media a code is sent by when nobody says which, those first that cost nothing. */
const DEFAULT_MEDIA: CodeMedium[] = ['email', 'sms'];

/** Calls are left out: what has changed is no reason to wake somebody. */
const NOTICE_MEDIA: CodeMedium[] = ['email', 'sms'];

/** What the workflow of a member asks of the world. */
export function createProving({
  source,
  directory,
}: {
  source: { readonly current: Configuration };
  directory: Directory;
}): Proving {
  return {
    async codeRoutes({ member: id, medium }) {
      const member = await steady(directory, source)
        .member(id)
        .catch(() => undefined);
      if (!member) return { routes: [], reason: { key: 'no-such-member', member: id } };
      const plans = (medium ? [medium] : DEFAULT_MEDIA).map((one) => ({
        one,
        plan: planMedium(source.current, member, one),
      }));
      const routes = plans.flatMap(({ one, plan }) => plan.routes.map((route) => ({ ...route, medium: one })));
      const [reason] = plans.flatMap(({ plan }) => plan.reason ?? []);
      return { routes, ...(reason !== undefined && { reason }) };
    },

    async noticeRoutes({ member: id, notice, identities }) {
      const member = await steady(directory, source)
        .member(id)
        .catch(() => undefined);
      if (!member) return [];
      const { current } = source;
      const texts = NOTICE_MEDIA.map((medium) => planMedium(current, member, medium).routes);
      return [...texts, ...chatsOf(member, notice, identities, current)].filter((routes) => routes.length > 0);
    },

    async tellAccount({ account, signal, argument }) {
      const { prefix } = source.current;
      const { client } = Context.current();
      await talk(client).tell(
        ACCOUNT,
        accountWorkflowId(prefix, account),
        signal,
        argument,
        startOf.account(prefix, account),
      );
    },
  };
}

/** The apps in which the member is known, each a way of its own. */
function chatsOf(
  member: Member,
  { kind, account: changed, identity: former }: Notice,
  identities: Record<string, string>,
  { accounts }: Configuration,
): NoticeRoute[][] {
  const preferred = new Set<string>(Object.values(member.prefers ?? {}).flat());
  return [...accounts.values()].flatMap(({ name, adapter }): NoticeRoute[][] => {
    const { medium, form } = adapterFacts(adapter);
    if (medium !== 'im' || form === 'group') return [];
    const platform = platformOf(adapter);
    const ofFile = identityOf(member, name, platform);
    const isKnown = ofFile !== undefined || Object.hasOwn(identities, name) || Object.hasOwn(identities, platform);
    const route = { account: name, adapter };
    // Whoever has just been linked may not be the member; an id of the file is.
    const isSuspect = kind === 'linked' && name === changed && ofFile === undefined;
    return [
      ...((isKnown || preferred.has(name)) && !isSuspect ? [[route]] : []),
      ...(name === changed && former !== undefined && former !== ofFile ? [[{ ...route, identity: former }]] : []),
    ];
  });
}
