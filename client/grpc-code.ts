/** `google.rpc.Code` of what the server answered; undefined for an error of another kind. */
export function grpcCode(error: unknown): number | undefined {
  // The SDK wraps what gRPC said, sometimes twice.
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'number') return at.code;
  }
  return undefined;
}
