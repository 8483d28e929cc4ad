// The file that is written.

import { Document, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml';
import type { Placeholders } from './ledger.ts';

export function yamlOf(
  channels: ReadonlyMap<string, { rule: Record<string, unknown>; comment?: string }[]>,
  timeZone: string | undefined,
  { members, teams, schedules, accounts }: Placeholders,
): string {
  const written = [...channels].map(([name, rules]) => [
    name,
    { ...(timeZone !== undefined && { timeZone }), rules: rules.map(({ rule }) => rule) },
  ]);
  const document = new Document({ channels: Object.fromEntries(written) as unknown });
  const toAdd = [
    ['accounts', [...accounts].map(([name, adapter]) => `${name} (${adapter})`)],
    ['members', [...members]],
    ['teams', [...teams]],
    [
      'schedules',
      [...schedules].map(([name, roles]) => (roles.size > 0 ? `${name} (${[...roles].join(', ')})` : name)),
    ],
  ] as const;
  const lines = toAdd.filter(([, names]) => names.length > 0).map(([key, names]) => ` ${key}: ${names.join(', ')}`);
  document.commentBefore = [
    ' Rules of Flashduty. Copy `channels` into escalations.yaml; names stand for ids, add or replace them:',
    ...lines,
  ].join('\n');
  for (const [name, rules] of channels) {
    for (const [index, { comment }] of rules.entries()) {
      const node = document.getIn(['channels', name, 'rules', index], true);
      if (isMap(node) && comment !== undefined) node.commentBefore = ` ${comment.replace(/\s+/g, ' ')}`;
    }
  }
  // Short things on one line, as people write them.
  visit(document, {
    Seq(_, node) {
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
    Map(_, node) {
      if (isShort(node)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function isShort({ items }: YAMLMap): boolean {
  return items.every(({ value }) => isScalar(value) || (isSeq(value) && value.items.every((item) => isScalar(item))));
}
