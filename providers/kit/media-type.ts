/** What a request says its body is, without parameters and in small letters; empty where it does not say. */
export function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
