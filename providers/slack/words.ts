import type { Locale } from '../../domain/locale.ts';

/** What Slack's own parts of a card need beyond the delivery's wording. */
export const WORDS: Record<Locale, { snooze: string; cancel: string; formFailed: string }> = {
  en: { snooze: 'Snooze', cancel: 'Cancel', formFailed: 'The form did not open. Please press again.' },
  zh: { snooze: '暂缓', cancel: '取消', formFailed: '表单未能打开,请再按一次。' },
};
