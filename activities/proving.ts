import { Context } from '@temporalio/activity';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { CodeMedium } from '../domain/member/book.ts';
import type { Proving } from './contract.ts';
import { startOf } from '../client/long-lived.ts';
import { talk } from '../client/talk.ts';
import { ACCOUNT } from '../domain/messages.ts';
import { accountWorkflowId } from '../domain/workflow-ids.ts';
import { planMedium } from './plan.ts';
import { steady } from './steady.ts';

/** The media a code is sent by when nobody says which, those first that cost nothing. */
const DEFAULT_MEDIA: CodeMedium[] = ['email', 'sms'];

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
