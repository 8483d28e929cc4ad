// Parameters and approved templates of the imitated Alibaba Cloud.

import { Refusal } from './faults.ts';
import { readObject } from './callbacks.ts';

const VARIABLE_MAX = 35;
/** Links in any dress. UNCONFIRMED: how the vendor recognizes a bare domain is not written down. */
const LINK = /https?:\/\/|www\.|\b[a-z0-9-]+\.(?:com|cn|net|org|io)\b/i;

/** A mandatory parameter, or the gateway's refusal. */
export function need(params: URLSearchParams, name: string): string {
  const value = params.get(name);
  if (value === null || value === '') throw new Refusal(`Missing${name}`, `${name} is mandatory for this action.`);
  return value;
}

/** An optional whole number between two bounds. */
export function whole(params: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const value = params.get(name);
  if (value === null) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new Refusal('isv.INVALID_PARAMETERS', `${name} is out of range`);
  }
  return number;
}

/**
 * An approved template with its variables filled in.
 * Every `${variable}` needs a text of 1 to 35 characters without a link; more variables than the template has are ignored.
 */
export function render(template: string, json: string | null): string {
  const given = readObject(json === null || json === '' ? '{}' : json);
  if (given === undefined) throw new Refusal('isv.INVALID_JSON_PARAM', 'JSON参数不合法');
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = given[name];
    if (value === undefined) throw new Refusal('isv.TEMPLATE_MISSING_PARAMETERS', `模板缺少变量: ${name}`);
    if (typeof value !== 'string') throw new Refusal('isv.INVALID_JSON_PARAM', `变量${name}不是字符串`);
    if (value === '') throw new Refusal('isv.TEMPLATE_PARAMS_ILLEGAL', `变量${name}为空`);
    if (Array.from(value).length > VARIABLE_MAX) throw new Refusal('isv.PARAM_LENGTH_LIMIT', `变量${name}超过长度限制`);
    if (LINK.test(value)) throw new Refusal('isv.PARAM_NOT_SUPPORT_URL', `变量${name}不支持传入链接`);
    return value;
  });
}

/** `yyyy-MM-dd HH:mm:ss` in China, as every report of the vendor writes time. */
export function chinaTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
