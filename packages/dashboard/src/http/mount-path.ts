const mountPaths = new WeakMap<Request, string>()

/**
 * Notes the path under which a framework has mounted the dashboard. A header could not carry it, because a client could
 * send one.
 */
export function noteMountPath(request: Request, path: string): void {
  mountPaths.set(request, path)
}

/** Where the dashboard was mounted for this request, if that was noted. */
export function findMountPath(request: Request): string | undefined {
  return mountPaths.get(request)
}
