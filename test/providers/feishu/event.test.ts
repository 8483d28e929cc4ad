import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../providers/feishu/event.ts';

/** As on https://open.feishu.cn/document/server-docs/im-v1/message/events/receive, shortened. */
const received = {
  sender: {
    sender_id: { union_id: 'on_8ed6', user_id: 'e33ggbyz', open_id: 'ou_84aad35d084aa403a838cf73ee18467' },
    sender_type: 'user',
    tenant_key: '736588c9260f175e',
  },
  message: {
    message_id: 'om_5ce6d572455d361153b7cb51da133945',
    root_id: 'om_5ce6d572455d361153b7cb5xxfsdfsdfdsf',
    create_time: '1609073151345',
    chat_id: 'oc_5ce6d572455d361153b7xx51da133945',
    chat_type: 'group',
    message_type: 'text',
    content: '{"text":"@_user_1 ack 7QK2MD"}',
    mentions: [{ key: '@_user_1', id: { open_id: 'ou_bot' }, name: 'On call' }],
  },
};
const message = (changes: object): unknown => ({ ...received, message: { ...received.message, ...changes } });

describe('what a person writes to the bot', () => {
  it('is read with who and where, and counts once in however many events it comes', () => {
    expect(readEvent('im.message.receive_v1', received)).toEqual([
      {
        kind: 'message',
        identity: 'ou_84aad35d084aa403a838cf73ee18467',
        text: '@_user_1 ack 7QK2MD',
        eventId: 'om_5ce6d572455d361153b7cb51da133945',
        chat: 'oc_5ce6d572455d361153b7xx51da133945',
      },
    ]);
    expect(readEvent('im.message.receive_v1', message({ chat_type: 'p2p' }))[0]).not.toHaveProperty('chat');
  });

  it.each([
    ['a picture', message({ message_type: 'image', content: '{"image_key":"img"}' })],
    ['no JSON', message({ content: 'ack' })],
    ['another bot', { ...received, sender: { ...received.sender, sender_type: 'app' } }],
    ['nobody', { message: received.message }],
    ['nothing', undefined],
  ])('is nothing when it is %s', (_, event) => {
    expect(readEvent('im.message.receive_v1', event)).toEqual([]);
  });
});

describe('a group', () => {
  it.each([
    ['im.chat.member.bot.added_v1', { chat_id: 'oc_1', name: 'Ops' }, { change: 'joined', name: 'Ops' }],
    ['im.chat.member.bot.deleted_v1', { chat_id: 'oc_1', name: 'Ops' }, { change: 'left', name: 'Ops' }],
    ['im.chat.disbanded_v1', { chat_id: 'oc_1', name: '' }, { change: 'left' }],
    ['im.chat.updated_v1', { chat_id: 'oc_1', after_change: { name: 'New' } }, { change: 'renamed', name: 'New' }],
  ])('is followed through %s', (type, event, told) => {
    expect(readEvent(type, event)).toEqual([{ kind: 'chat', chat: 'oc_1', ...told }]);
  });

  it('tells nothing when something else of it has changed, or another event comes', () => {
    expect(readEvent('im.chat.updated_v1', { chat_id: 'oc_1', after_change: { avatar: 'x' } })).toEqual([]);
    expect(readEvent('im.message.reaction.created_v1', { chat_id: 'oc_1' })).toEqual([]);
    expect(readEvent('constructor', { chat_id: 'oc_1' })).toEqual([]);
  });
});
