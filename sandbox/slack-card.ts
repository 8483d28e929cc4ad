import type { CardFace } from './world.ts';

type Json = Record<string, unknown>;

/** What a message consists of once its form fields are read. */
export interface SlackMessage {
  text: string;
  /** `mrkdwn: false` leaves `*` and `_` of `text` alone. */
  isMarked: boolean;
  blocks: Json[];
  attachments: Json[];
}

/** Something on a message or in a window that calls back when it is used. */
export interface Control {
  element: Json;
  blockId: string;
  label: string;
  options: { label: string; value: string }[];
}

const TOGETHER = 13_200;
const LENGTHS = { header: 150, section: 3000, field: 2000, button: 75, value: 2000, url: 3000, id: 255, option: 75 };

/**
 * What Slack would refuse of a message: `invalid_blocks`, `msg_blocks_too_long`, `no_text`, or nothing.
 * Source  https://docs.slack.dev/reference/block-kit/blocks
 */
export function flawOf({ text, blocks, attachments }: SlackMessage): string | undefined {
  if (text === '' && blocks.length === 0 && attachments.length === 0) return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks.length > 50 || attachments.length > 100) return 'invalid_blocks';
  const all = allBlocks(blocks, attachments);
  if (!all.every(isBlockGood)) return 'invalid_blocks';
  const ids = all.flatMap(({ block_id: id }) => (typeof id === 'string' ? [id] : []));
  if (new Set(ids).size < ids.length) return 'invalid_blocks';
  return JSON.stringify(all).length > TOGETHER ? 'msg_blocks_too_long' : undefined;
}

function isBlockGood(block: Json): boolean {
  const { type, block_id: id } = block;
  if (id !== undefined && !isText(id, LENGTHS.id)) return false;
  const elements = list(block['elements']);
  switch (type) {
    case 'header':
      return isObject(block['text'], 'plain_text', LENGTHS.header);
    case 'section': {
      const fields = list(block['fields']);
      const isSaying =
        block['text'] === undefined ? fields.length > 0 : isObject(block['text'], 'any', LENGTHS.section);
      return isSaying && fields.length <= 10 && fields.every((field) => isObject(field, 'any', LENGTHS.field));
    }
    case 'context':
      return elements.length > 0 && elements.length <= 10 && elements.every((one) => isObject(one, 'any', 3000));
    case 'actions': {
      const ids = elements.map((element) => element['action_id']);
      const isDistinct = new Set(ids).size === ids.length;
      return elements.length > 0 && elements.length <= 25 && isDistinct && elements.every(isElementGood);
    }
    case 'input':
      return isObject(block['label'], 'plain_text', 2000) && isElementGood(asJson(block['element']));
    default:
      return false;
  }
}

function isElementGood(element: Json): boolean {
  if (!isText(element['action_id'], LENGTHS.id)) return false;
  switch (element['type']) {
    case 'button':
      return (
        isObject(element['text'], 'plain_text', LENGTHS.button) &&
        (element['value'] === undefined || isText(element['value'], LENGTHS.value)) &&
        (element['url'] === undefined || isText(element['url'], LENGTHS.url)) &&
        [undefined, 'primary', 'danger'].some((style) => style === element['style']) &&
        (element['confirm'] === undefined || isConfirmGood(asJson(element['confirm'])))
      );
    case 'static_select':
    case 'multi_static_select': {
      const options = list(element['options']);
      return (
        options.length > 0 &&
        options.length <= 100 &&
        options.every(
          (one) => isObject(one['text'], 'plain_text', LENGTHS.option) && isText(one['value'], LENGTHS.option),
        )
      );
    }
    case 'multi_users_select':
    case 'plain_text_input':
      return true;
    default:
      return false;
  }
}

function isConfirmGood(confirm: Json): boolean {
  return (
    isObject(confirm['title'], 'plain_text', 100) &&
    isObject(confirm['text'], 'any', 300) &&
    isObject(confirm['confirm'], 'plain_text', 30) &&
    isObject(confirm['deny'], 'plain_text', 30)
  );
}

/** What is wrong with a window, if anything. https://docs.slack.dev/reference/views/modal-views */
export function isViewGood(view: Json): boolean {
  const blocks = list(view['blocks']);
  const needsSubmit = blocks.some(({ type }) => type === 'input');
  return (
    view['type'] === 'modal' &&
    isObject(view['title'], 'plain_text', 24) &&
    (view['submit'] === undefined ? !needsSubmit : isObject(view['submit'], 'plain_text', 24)) &&
    (view['private_metadata'] === undefined || isText(view['private_metadata'], 3000)) &&
    blocks.length > 0 &&
    blocks.every(isBlockGood)
  );
}

/** Everything that calls back, top to bottom. A button with a link calls back too, and is not among them. */
export function controlsOf(message: Pick<SlackMessage, 'blocks' | 'attachments'>): Control[] {
  return allBlocks(message.blocks, message.attachments).flatMap((block, index) => {
    if (block['type'] !== 'actions') return [];
    const blockId = typeof block['block_id'] === 'string' ? block['block_id'] : `b${String(index)}`;
    return list(block['elements'])
      .filter((element) => element['url'] === undefined)
      .map((element) => ({
        element,
        blockId,
        label: plain(element['text']) || plain(element['placeholder']),
        options: optionsOf(element),
      }));
  });
}

export function optionsOf(element: Json): { label: string; value: string }[] {
  return list(element['options']).map((one) => ({ label: plain(one['text']), value: String(one['value']) }));
}

/** The message as a client draws it. */
export function faceOf(message: SlackMessage): CardFace {
  const mentions: string[] = [];
  const blocks = allBlocks(message.blocks, message.attachments);
  const say = (text: unknown): string => {
    const { type, text: words } = asJson(text);
    if (typeof words !== 'string') return '';
    return type === 'mrkdwn' ? render(words, mentions) : words;
  };
  const [head, ...rest] = blocks;
  const isHeaded = head?.['type'] === 'header';
  const [first = '', ...others] = render(message.text, mentions, message.isMarked).split('\n');
  const shown = isHeaded ? rest : blocks;
  const lines = shown
    .filter(isNotMentionsOnly)
    .flatMap((block) =>
      [block['text'], ...list(block['fields']), ...list(block['type'] === 'context' ? block['elements'] : [])]
        .map(say)
        .filter((line) => line !== ''),
    );
  const color = asJson(message.attachments[0])['color'];
  return {
    title: isHeaded ? say(head['text']) : first,
    ...(typeof color === 'string' && { color }),
    lines: blocks.length === 0 ? others : lines,
    mentions: [...new Set(blocks.length === 0 ? mentions : mentionsIn(message.blocks))],
    controls: controlsOf(message).map(({ element, label, options }) => ({
      id: String(element['action_id']),
      label,
      ...(options.length > 0 && { options }),
    })),
    links: blocks
      .flatMap((block) => list(block['elements']))
      .flatMap((element) =>
        typeof element['url'] === 'string' ? [{ label: plain(element['text']), url: element['url'] }] : [],
      ),
  };
}

/** Mentions stand in the face by themselves. */
function isNotMentionsOnly(block: Json): boolean {
  const { type, text } = asJson(block['text']);
  return type !== 'mrkdwn' || typeof text !== 'string' || !/^(<[@!][^<>]+>\s*)+$/.test(text);
}

function mentionsIn(blocks: Json[]): string[] {
  const found: string[] = [];
  for (const block of blocks) {
    const { type, text } = asJson(block['text']);
    // Only markup mentions; inside an attachment it tells nobody.
    if (type === 'mrkdwn' && typeof text === 'string') render(text, found);
  }
  return found;
}

/** Markup as it is read: mentions, links, bold and struck words; entities last. */
function render(text: string, mentions: string[], isMarked = true): string {
  const spoken = text.replace(/<([^<>]+)>/g, (_, inner: string) => {
    const [target = '', label] = inner.split('|', 2);
    if (/^!(channel|here|everyone)/.test(target)) {
      mentions.push('all');
      return `@${target.slice(1)}`;
    }
    if (/^@[UW]/.test(target)) {
      mentions.push(target.slice(1));
      return target;
    }
    return label ?? target;
  });
  const bare = isMarked ? spoken.replace(/(^|\s)([*_~`])(\S(?:.*?\S)?)\2(?=\s|$)/gm, '$1$3') : spoken;
  return bare.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function allBlocks(blocks: Json[], attachments: Json[]): Json[] {
  return [...blocks, ...attachments.flatMap((attachment) => list(attachment['blocks']))];
}

export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}

export function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function plain(text: unknown): string {
  const { text: words } = asJson(text);
  return typeof words === 'string' ? words : '';
}

function isText(value: unknown, max: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= max;
}

function isObject(value: unknown, type: 'plain_text' | 'any', max: number): boolean {
  const object = asJson(value);
  const isKind = type === 'any' ? ['plain_text', 'mrkdwn'].includes(String(object['type'])) : object['type'] === type;
  return isKind && isText(object['text'], max);
}
