// a topology → the text of a Mermaid flowchart
import type { Topology, TopologyEntry } from './topology';

/**
 * Mermaid reads some characters of a label as markup. An entity shows the character itself.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
 */
function label(...lines: string[]): string {
  const escaped = lines.map(line => line.replace(/[^\p{L}\p{N} .,:/_*()@=+-]/gu, character => `#${character.codePointAt(0)};`));
  return `"${escaped.join('<br/>')}"`;
}

const portsText = (ports: number[]) => `TCP ${ports.join(', ')}`;

/** The flowchart. The same topology gives the same text. */
export function renderMermaid({ nodes, frontProxy, entries }: Topology): string {
  const onNodes = [
    ...entries.map(({ addresses }, index) => `address${index + 1}[${label(...addressLines(addresses))}]`),
    ...(frontProxy ? [`front[${label('front proxy', frontProxy.name, portsText(frontProxy.ports))}]`] : []),
    ...entries.flatMap((entry, index) => entry.gateway.onNodes ? [gatewayNode(entry, index)] : []),
  ];
  const lines = [
    'clients([clients])',
    `subgraph nodes[${label('edge nodes', nodes)}]`,
    ...onNodes.map(line => `  ${line}`),
    'end',
    ...entries.flatMap((entry, index) => entry.gateway.onNodes ? [] : [gatewayNode(entry, index)]),
    ...serviceNodes(entries),
    ...entries.map((_, index) => `clients --> address${index + 1}`),
    ...(frontProxy ? entries.map((_, index) => `address${index + 1} --> front`) : []),
    ...entries.map(({ addresses }, index) => `${frontProxy ? 'front' : `address${index + 1}`} -->${entries.length > 1 ? chosenBy(addresses) : ''} gateway${index + 1}`),
    ...requests(entries),
  ];
  return ['flowchart LR', ...lines.map(line => `  ${line}`), ''].join('\n');
}

/** With several entries, the front proxy chooses a gateway by the address that a client has connected to. */
function chosenBy(addresses: string[]): string {
  return `|${label(`to ${addresses.length === 0 ? 'addresses of the nodes' : addresses.join(', ')}`)}|`;
}

function addressLines(addresses: string[]): string[] {
  return addresses.length === 0 ? ['addresses of the nodes'] : [addresses.length === 1 ? 'virtual address' : 'virtual addresses', ...addresses];
}

function gatewayNode({ gateway: { name, ports } }: TopologyEntry, index: number): string {
  return `gateway${index + 1}[${label('Istio gateway', name, portsText(ports))}]`;
}

/** A service that several hosts reach is one node. */
function servicesIn(entries: TopologyEntry[]): string[] {
  return [...new Set(entries.flatMap(({ services }) => services.map(({ service }) => service)))];
}

function serviceNodes(entries: TopologyEntry[]): string[] {
  return servicesIn(entries).map((service, index) => `service${index + 1}[${label('service', service)}]`);
}

function requests(entries: TopologyEntry[]): string[] {
  const all = servicesIn(entries);
  return entries.flatMap(({ services }, index) => services.map(({ request, service }) =>
    `gateway${index + 1} -->|${label(request)}| service${all.indexOf(service) + 1}`));
}
