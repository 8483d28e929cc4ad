import { it } from 'vitest';
import { level, Story } from './clockwork.ts';
it('x', () => {
  const s = Story.begin({ levels: [level(['alice'], {times:3, groups:['bot','room']}), level(['bob'],{by:{default:['voice']}})] }).until('20:00');
  console.log(s.told, s.outcomes, s.state.timeline.map(r=>r.at+r.kind+' '+r.text));
});
