import { expect, it } from 'vitest';
import { browserKind } from '../../gateway/pages/browser.ts';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)';
const ANDROID = 'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko)';

it.each([
  [`${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`, 'Safari, iPhone'],
  [`${IPHONE} CriOS/150.0 Mobile/15E148 Safari/604.1`, 'Chrome, iPhone'],
  [`${IPHONE} Mobile/15E148 MicroMessenger/8.0.60(0x18003c2b) NetType/WIFI`, 'WeChat, iPhone'],
  [`${MAC} Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0`, 'Edge, Mac'],
  [`${MAC} Chrome/132.0 Safari/537.36 Lark/7.52.5 LarkLocale/zh_CN`, 'Feishu, Mac'],
  [`${ANDROID} Version/4.0 Chrome/130.0 Mobile Safari/537.36 wxwork/5.0.0 MicroMessenger/7.0.1`, 'WeCom, Android'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox, Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0 Safari/537.36', 'Chrome, Windows'],
  ['<script>alert(1)</script>', '?'],
  [undefined, '?'],
])('a browser that says %s is called %s in the list', (sent, kind) => {
  expect(browserKind(sent)).toBe(kind);
});
