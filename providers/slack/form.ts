import { z } from 'zod';
import { plain, type Pressed } from './card.ts';

type Json = Record<string, unknown>;

/** Ours among the forms of the app. */
const CALLBACK_ID = 'escalations';
const TITLE_LENGTH = 24;
const MAX_COMMENT = 1024;
const MAX_MEMBERS = 20;
const MAX_OPTIONS = 100;

/**
 * The window behind Comment or Reassign; what it is about travels in `private_metadata`, 3000 characters.
 *
 * Source https://docs.slack.dev/reference/views/modal-views
 */
export function drawForm(wish: Extract<Pressed, { form: true }>): Json {
  const { label, token } = wish;
  return {
    type: 'modal',
    callback_id: CALLBACK_ID,
    private_metadata: token,
    title: plain(label, TITLE_LENGTH),
    submit: plain(label, TITLE_LENGTH),
    blocks: [{ type: 'input', block_id: 'field', label: plain(label), element: fieldOf(wish) }],
  };
}

function fieldOf({ action, choices }: Extract<Pressed, { form: true }>): Json {
  if (action === 'comment') {
    return { type: 'plain_text_input', action_id: 'text', multiline: true, max_length: MAX_COMMENT };
  }
  const picker = { action_id: 'members', max_selected_items: MAX_MEMBERS };
  // Without a list of ours Slack's own people stand in: whoever is not linked cannot be found among ours then.
  if (choices.length === 0) return { type: 'multi_users_select', ...picker };
  const options = choices.slice(0, MAX_OPTIONS).map(([value, name]) => ({ text: plain(name, 75), value }));
  return { type: 'multi_static_select', ...picker, options };
}

/** The same window, now saying what became of it. */
export function drawVerdict(title: string, text: string): Json {
  return {
    type: 'modal',
    title: plain(title, TITLE_LENGTH),
    blocks: [{ type: 'section', text: plain(text, 3000) }],
  };
}

const submitted = z.object({
  id: z.string().min(1),
  callback_id: z.literal(CALLBACK_ID),
  private_metadata: z.string().min(1),
  title: z.object({ text: z.string() }),
  state: z.object({
    values: z.object({
      field: z.object({
        text: z.object({ value: z.string().nullish() }).optional(),
        members: z
          .object({
            selected_users: z.array(z.string()).max(MAX_MEMBERS).default([]),
            selected_options: z
              .array(z.object({ value: z.string() }))
              .max(MAX_MEMBERS)
              .default([]),
          })
          .optional(),
      }),
    }),
  }),
});

export interface Submitted {
  /** Of this window: new each time it is opened. */
  id: string;
  token: string;
  title: string;
  text?: string;
  /** Members of ours, or user ids. */
  members?: string[];
}

/** @returns what was filled in, or `undefined` for a form of somebody else. */
export function readForm(view: unknown): Submitted | undefined {
  const { data } = submitted.safeParse(view);
  if (!data) return undefined;
  const { text, members } = data.state.values.field;
  return {
    id: data.id,
    token: data.private_metadata,
    title: data.title.text,
    ...(text && { text: (text.value ?? '').slice(0, MAX_COMMENT) }),
    ...(members && { members: [...members.selected_options.map(({ value }) => value), ...members.selected_users] }),
  };
}
