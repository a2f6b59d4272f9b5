// a block of nginx.conf as crossplane reads it, of which a reader takes what it understands
import type { NginxDirective } from '../support/parser-reader';

export class Block {
  private left: NginxDirective[];

  constructor(private readonly path: string, { block = [] }: { readonly block?: NginxDirective[] }) {
    this.left = block;
  }

  /** All directives with this name, whose first arguments are these. */
  public take(name: string, ...first: string[]): NginxDirective[] {
    return this.takeIf(({ directive, args }) => directive === name && first.every((word, index) => args[index] === word));
  }

  /** All directives that are left, or some of them. */
  public takeIf(isTaken: (directive: NginxDirective) => boolean = () => true): NginxDirective[] {
    const taken = this.left.filter(isTaken);
    this.left = this.left.filter(directive => !taken.includes(directive));
    return taken;
  }

  /** A block that must be there once. */
  public only(name: string, ...first: string[]): Block {
    return new Block(`${this.path}${name} `, this.one(name, ...first));
  }

  public all(name: string, ...first: string[]): Block[] {
    return this.take(name, ...first).map(directive => new Block(`${this.path}${name} `, directive));
  }

  /** The only argument after the first ones. */
  public value(name: string, ...first: string[]): string {
    const { args } = this.one(name, ...first);
    if (args.length !== first.length + 1) throw new Error(`${this.path}${name} has the arguments ${JSON.stringify(args)}`);
    return args[first.length];
  }

  /** What nothing took, each as one text. */
  public others(): string[] {
    return this.left.map(directive => this.path + written(directive));
  }

  private one(name: string, ...first: string[]): NginxDirective {
    const taken = this.take(name, ...first);
    if (taken.length !== 1) throw new Error(`${this.path}has ${taken.length} times ${[name, ...first].join(' ')}`);
    return taken[0];
  }
}

/** Each argument that has more than letters has quotes, so that two arguments are never one. */
function written({ directive, args, block }: NginxDirective): string {
  const words = [directive, ...args].map(word => /^[^\s"'\\;{}]+$/.test(word) ? word : JSON.stringify(word)).join(' ');
  return block ? `${words} { ${block.map(written).join('; ')} }` : words;
}
