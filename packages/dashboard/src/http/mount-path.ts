const mountPaths = new WeakMap<Request, string>()

/** Notes where a framework has mounted the dashboard. Not in a header: a client could write one. */
export function noteMountPath(request: Request, path: string): void {
  mountPaths.set(request, path)
}

/** Where the dashboard was mounted for this request, if that was noted. */
export function findMountPath(request: Request): string | undefined {
  return mountPaths.get(request)
}
