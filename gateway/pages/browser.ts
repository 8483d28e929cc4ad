// Names the kind of a browser by its `User-Agent`, so that people recognise theirs in a list.

/** The first that is found is the one: most browsers also say that they are another. */
const BROWSERS = [
  ['Feishu', /\bLark\/|\bFeishu\b/],
  ['DingTalk', /\bDingTalk\b/],
  ['WeCom', /\bwxwork\//],
  ['WeChat', /\bMicroMessenger\//],
  ['Edge', /\bEdgA?\/|\bEdgiOS\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chrome', /\bChrome\/|\bHeadlessChrome\/|\bCriOS\//],
  ['Safari', /\bSafari\//],
] as const;
const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['HarmonyOS', /\bOpenHarmony\b|\bHarmonyOS\b/],
  ['Windows', /\bWindows NT\b/],
  ['Mac', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
] as const;

/** Such as `Safari, iPhone`: names of a closed set, whatever the browser has sent; `?` where it says nothing. */
export function browserKind(userAgent: string | undefined): string {
  const sent = (userAgent ?? '').slice(0, 500);
  const found = [BROWSERS, SYSTEMS].flatMap((kinds) => kinds.find(([, sign]) => sign.test(sent))?.[0] ?? []);
  return found.length === 0 ? '?' : found.join(', ');
}
