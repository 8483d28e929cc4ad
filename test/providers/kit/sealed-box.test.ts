import { describe, expect, it } from 'vitest';
import { CallbackError } from '../../../providers/kit/adapter.ts';
import { openBox, sealBox, signBox } from '../../../providers/kit/sealed-box.ts';

/** https://github.com/open-dingtalk/DingTalk-Callback-Crypto */
const dingtalk = {
  token: 'mryue',
  aesKey: 'Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7',
  owner: 'ding6ccabc44d2c8d38b',
};
/** https://github.com/wechatpy/wechatpy/blob/master/tests/test_work_crypto.py */
const wecom = {
  token: '123456',
  aesKey: 'kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR',
  owner: 'wx49f0ab532d5d035a',
};

const CHECK =
  '0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3';
const ECHO = '4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==';
const MESSAGE =
  'RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0=';

describe('the envelope of DingTalk and WeCom', () => {
  it('has the signatures that their samples have', () => {
    expect(signBox(dingtalk.token, '1608001896814', 'WL4PK6yA', CHECK)).toBe(
      '03044561471240d4a14bb09372dfcfd4fd0e40cb',
    );
    expect(signBox(wecom.token, '1411443780', '437374425', ECHO)).toBe('dd6b9c95b495b3f7e2901bfbc76c664930ffdb96');
    expect(signBox(wecom.token, '1411525903', '461056294', MESSAGE)).toBe('74d92dfeb87ba7c714f89d98870ae5eb62dff26d');
  });

  it('opens to what their samples hold', () => {
    expect(openBox(CHECK, dingtalk)).toBe('{"EventType":"check_url"}');
    expect(openBox(ECHO, wecom)).toBe('5927782489442352469');
    expect(openBox(MESSAGE, wecom)).toMatch(/<FromUserName><!\[CDATA\[messense\]\]>.*4363689963896700987/s);
  });

  it('is sealed byte for byte as theirs, given the same random bytes', () => {
    const answer = 'QjFVo6WtpzPr7RoyTeB2RiaR3xB2mMl8rk8y7ok0+3p4lanNu72WYgTGf2dCORsQrs6Yz+FV+5t9cYo8A/nGsg==';
    expect(sealBox('success', dingtalk, Buffer.from('abcdefghijklmnop'))).toBe(answer);
    expect(signBox(dingtalk.token, '1608001896814', 'WL4PK6yA', answer)).toBe(
      'c74e45295bc530971a7185949972e375b18c3f30',
    );
    const update = sealBox(
      '<xml><MsgType><![CDATA[update_button]]></MsgType></xml>',
      wecom,
      Buffer.from('1234567890123456'),
    );
    expect(update).toBe(
      '9s4gMv99m88kKTh/H8IdkBOua0GWMk537EWPSIf/lQDjPUen71h1jBXjwunoYig9djk+IZEJMJS06Fmi3ONqHKbQxwg6l7QQt7bkBdUlbYhMcbtXkBUVYBG38Mhc7oGR',
    );
    expect(signBox(wecom.token, '1411525903', '461056294', update)).toBe('f5e99058bae4768431a95c39cf1d964c87fd7871');
  });

  it('brings back texts of every length, also where the padding is longer than a block of AES', () => {
    for (let length = 0; length <= 70; length += 1) {
      const text = '库'.repeat(length);
      expect(openBox(sealBox(text, wecom), wecom)).toBe(text);
    }
  });

  it.each([
    ['for somebody else', () => openBox(ECHO, { ...wecom, owner: 'wx0' })],
    ['with another key', () => openBox(ECHO, { ...wecom, aesKey: dingtalk.aesKey })],
    ['cut off', () => openBox(ECHO.slice(0, 64), wecom)],
    ['empty', () => openBox('', wecom)],
    ['of rubbish', () => openBox('%%%', wecom)],
    ['of a broken key', () => openBox(ECHO, { ...wecom, aesKey: 'short' })],
    ['of random bytes', () => openBox(Buffer.alloc(64, 7).toString('base64'), wecom)],
  ])('%s is refused and not a crash', (_what, open) => {
    expect(open).toThrow(CallbackError);
  });
});
