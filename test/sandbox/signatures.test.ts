import { expect, it } from 'vitest';
import { acs3Signature } from '../../sandbox/aliyun-signature.ts';
import { tc3Signature } from '../../sandbox/tencent-signature.ts';

it('signs the example of Alibaba Cloud as its page does', () => {
  // https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
  const sent = {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    'x-acs-action': 'RunInstances',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-version': '2014-05-26',
  };
  const query = new URLSearchParams({
    RegionId: 'cn-shanghai',
    ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
  });
  const sign = (names: string[]) => acs3Signature('YourAccessKeySecret', { sent, query, body: '' }, names);
  expect(sign(Object.keys(sent))?.toString('hex')).toBe(
    '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  );
  expect(sign(Object.keys(sent).slice(0, -1))).toBeUndefined();
});

it('signs the example of Tencent Cloud as its page does', () => {
  // https://cloud.tencent.com/document/api/213/30654
  const body = String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`;
  const sent = { 'content-type': 'application/json; charset=utf-8', host: 'cvm.tencentcloudapi.com' };
  const signature = tc3Signature(
    'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
    { sent, body, timestamp: '1551113065' },
    { date: '2019-02-25', service: 'cvm', headers: ['content-type', 'host'] },
  );
  expect(signature.toString('hex')).toBe('72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168');
});
