// what an engine needs from its container besides the image; one form for front proxies and keepalived

/**
 * How an engine runs in its container.
 *
 * Plain data. The constructs make a pod of it; the engine tests run a process with the same privileges.
 */
export interface ContainerProcess {
  /** Start command. The engine is the first process, so it gets the signals. */
  readonly command: string[];
  /** Exec probe that asks the process of this container, not another one that shares its port. */
  readonly readiness: string[];
  /**
   * Exec probe that fails while a process of this container hangs. It passes while the process is full, cannot reach
   * others or gets little CPU time. Empty: none.
   */
  readonly liveness: string[];
  /** Exec hook that returns when the process may end. Empty if SIGTERM alone ends it properly. */
  readonly preStop: string[];
  /** File name in the ConfigMap and below `/etc` → text, mode 0644. The first is the configuration. */
  readonly files: { readonly [fileName: string]: string };
  /** Directories that must be writable; everything else is read-only. */
  readonly writableDirectories: string[];
}
