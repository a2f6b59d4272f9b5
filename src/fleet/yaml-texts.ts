// the YAML of manifests, most of which is the same at all sites: writing it is half of cdk8s' work
import { Yaml } from 'cdk8s';

type YamlMap = { [key: string]: unknown };

/** Of these a part differs between sites: a name, one file of a ConfigMap, the nodes in a command. */
const TAKEN_APART = ['metadata', 'spec', 'template', 'data', 'containers', 'volumes', 'servers'];

/** At the beginning of a line a key like this would end the document, hence is quoted there, and nowhere else. */
const MARKER = /^(---|\.\.\.)/;

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
    return isTree(manifest) && isMap(manifest) ? this.textOf(manifest, '') : Yaml.stringify(manifest);
  }

  /** A map's text is the texts of its entries, one below the other. */
  private textOf(map: YamlMap, indent: string): string {
    return Object.entries(map).map(([key, value]) => TAKEN_APART.includes(key) ? this.entryOf(key, value, indent) : this.written({ [key]: value }, indent)).join('');
  }

  /** That of an entry whose value is a map, or a list of maps, is its key and the value's, further in. */
  private entryOf(key: string, value: unknown, indent: string): string {
    if (Array.isArray(value) && value.length > 0 && value.every(isMap)) {
      return `${indent}${key}:\n${value.map(item => `${indent}  - ${this.textOf(item, `${indent}    `).slice(indent.length + 4)}`).join('')}`;
    }
    return isMap(value) ? `${indent}${key}:\n${this.textOf(value, `${indent}  `)}` : this.written({ [key]: value }, indent);
  }

  private written(entry: YamlMap, indent: string): string {
    const key = indent + JSON.stringify(entry);
    const text = this.last.get(key) ?? this.current.get(key) ?? Yaml.stringify(entry).replace(/^|\n(?=[^\n])/g, `$&${indent}`);
    this.current.set(key, text);
    return text;
  }
}

/** Whether JSON tells this value from all others, and YAML needs no alias to write it. */
function isTree(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  }
  const again = seen.has(value);
  seen.add(value);
  return !again && Object.values(value).every(one => isTree(one, seen));
}

function isMap(value: unknown): value is YamlMap {
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return keys.length > 0 && !keys.some(key => MARKER.test(key));
}
