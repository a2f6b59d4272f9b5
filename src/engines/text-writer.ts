// writes indented lines, independent of any engine's grammar

/** Collects lines of a configuration text. Blocks indent what is written inside them. */
export class TextWriter {
  private readonly lines: string[] = [];
  private depth = 0;

  constructor(private readonly indent: string = '  ') {}

  /** One line, at the current depth. */
  public line(text: string): void {
    this.lines.push(this.indent.repeat(this.depth) + text);
  }

  /** An empty line between sections; never two in a row, never at the top. */
  public blank(): void {
    if (this.lines.length > 0 && this.lines[this.lines.length - 1] !== '') {
      this.lines.push('');
    }
  }

  /** `opening`, an indented body, and `closing` if the grammar has one. */
  public block(opening: string, body: () => void, closing?: string): void {
    this.line(opening);
    this.depth += 1;
    body();
    this.depth -= 1;
    if (closing !== undefined) {
      this.line(closing);
    }
  }

  /** The text, ending with exactly one newline. */
  public toString(): string {
    return `${this.lines.join('\n')}\n`;
  }
}
