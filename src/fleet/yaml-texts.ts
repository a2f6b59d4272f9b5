// the YAML of manifests, written once for all sites in a row that have the same: writing it is half of cdk8s' work
import { Yaml } from 'cdk8s';

/** Remembers what the last two sites have: what is the same everywhere stays, and memory does not grow with the fleet. */
export class YamlTexts {
  private last = new Map<string, string>();
  private current = new Map<string, string>();

  /** Begins the next site. */
  public turn(): void {
    this.last = this.current;
    this.current = new Map();
  }

  /** The text, as cdk8s writes it. */
  public of(manifest: object): string {
    const key = JSON.stringify(manifest);
    const text = this.last.get(key) ?? Yaml.stringify(manifest);
    this.current.set(key, text);
    return text;
  }
}
