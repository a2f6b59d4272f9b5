// runs kubectl
import { spawn } from 'child_process';

/** kubectl ended with an error. */
export class KubectlFailed extends Error {
  constructor(args: readonly string[], public readonly stderr: string) {
    super(`kubectl ${args.join(' ')}: ${stderr.trim() || 'no answer'}`);
  }

  /** True if the user may not do this. */
  public get forbidden(): boolean {
    return /\(Forbidden\)|is forbidden/.test(this.stderr);
  }

  /** True if the API server has no such object, namespace or path. A command that a container does not have is "not found" too. */
  public get notFound(): boolean {
    return /\(NotFound\)|could not find the requested resource/.test(this.stderr);
  }

  /** The message without kubectl's prefix and its repetitions. */
  public get reason(): string {
    return this.stderr.trim().split('\n').filter(line => !/^Warning:/.test(line)).pop()?.replace(/^error: |^Error from server(?: \(\w+\))?: /i, '') ?? '';
  }
}

/** Which kubectl, and which cluster. */
export interface KubectlOptions {
  readonly program: string;
  /** `--kubeconfig` and `--context`. */
  readonly flags: readonly string[];
  readonly timeoutSeconds: number;
}

/** kubectl of one cluster. */
export class Kubectl {
  constructor(private readonly options: KubectlOptions) {}

  /** Its standard output. Throws KubectlFailed. */
  public run(args: readonly string[], input = ''): Promise<string> {
    return this.start(args, input, false);
  }

  /** The same, for a change that Ctrl-C does not stop: a terminal sends the signal to the whole process group. */
  public runToEnd(args: readonly string[], input = ''): Promise<string> {
    return this.start(args, input, true);
  }

  /** The command, for people who run it by hand. */
  public commandLine(args: readonly string[]): string {
    return [this.options.program, ...this.options.flags, ...args].join(' ');
  }

  private start(args: readonly string[], input: string, inOwnGroup: boolean): Promise<string> {
    const { program, flags, timeoutSeconds: seconds } = this.options;
    return new Promise((resolve, reject) => {
      const child = spawn(program, [...flags, ...args], { stdio: ['pipe', 'pipe', 'pipe'], timeout: seconds * 1000, detached: inOwnGroup });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', data => (out += data));
      child.stderr.setEncoding('utf8').on('data', data => (err += data));
      child.on('error', (error: Error) => reject(new KubectlFailed(args, `${program}: ${error.message}`)));
      child.on('close', (code, signal) =>
        code === 0 ? resolve(out) : reject(new KubectlFailed(args, signal ? `${err}\nno answer within ${seconds} s` : err)));
      // kubectl may end before it has read everything
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  /** Its standard output, as JSON. */
  public async json<T>(args: readonly string[], input?: string): Promise<T> {
    return JSON.parse(await this.run(args, input)) as T;
  }
}
