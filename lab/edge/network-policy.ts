// puts an edge's NetworkPolicies in force. The lab's network plug-in enforces none, so the nodes do it with nftables, as a plug-in that enforces them

import { EdgeUnderTest } from './edge-under-test';
import { run, undo } from '../cluster/commands';
import { KubeObject } from '../cluster/objects';

interface Rule {
  readonly from?: { readonly ipBlock: { readonly cidr: string } }[];
  readonly ports: { readonly port: number }[];
}

const TABLE = 'network_policy';

/** In force on every node while some work lasts. The pods of the gateway must not change meanwhile. */
export async function withNetworkPolicies<T>(edge: EdgeUnderTest, work: () => Promise<T>): Promise<T> {
  const rules = await rulesOf(edge);
  const { nodes } = edge.cluster;
  await Promise.all(nodes.map(node => run(node.inNetwork(['nft', '-f', '-']), { input: rules })));
  try {
    return await work();
  } finally {
    await undo(async () => { await Promise.all(nodes.map(node => run(node.inNetwork(['nft', 'delete', 'table', 'inet', TABLE])))); });
  }
}

/** A kubelet reaches the pods of its own node in any case: such packets are not forwarded. */
async function rulesOf({ cluster, objects }: EdgeUnderTest): Promise<string> {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  if (policies.length === 0) throw new Error('the edge has no NetworkPolicy');
  const chains = await Promise.all(policies.map(async ({ metadata, spec }, i) => {
    const labels = Object.entries(spec.podSelector.matchLabels).map(([key, value]) => `${key}=${value}`).join();
    const pods = JSON.parse(await cluster.kubectl(['-n', metadata.namespace!, 'get', 'pods', '-l', labels, '-o', 'json'])).items as KubeObject[];
    const addresses = pods.flatMap(({ status }) => (status.podIPs as { ip: string }[]).map(({ ip }) => ip));
    if (addresses.length === 0) throw new Error(`${metadata.name} selects no pod`);
    const lead = sets('daddr', addresses).map(set => `    ${set} jump policy${i}`);
    const allow = (spec.ingress as Rule[]).flatMap(({ from, ports }) => {
      const tcp = `tcp dport { ${ports.map(({ port }) => port).join(', ')} } accept`;
      return (from ? sets('saddr', from.map(({ ipBlock }) => ipBlock.cidr)) : ['']).map(set => `    ${set} ${tcp}`);
    });
    return { lead, chain: [`  chain policy${i} {`, ...allow, '    drop', '  }'] };
  }));
  return [
    `table inet ${TABLE} {`, ...chains.flatMap(({ chain }) => chain),
    '  chain forward {', '    type filter hook forward priority filter;', '    ct state established,related accept', ...chains.flatMap(({ lead }) => lead), '  }', '}', '',
  ].join('\n');
}

/** One expression for each address family. */
function sets(field: string, addresses: string[]): string[] {
  return [['ip', addresses.filter(one => !one.includes(':'))], ['ip6', addresses.filter(one => one.includes(':'))]].flatMap(([family, some]) =>
    some.length > 0 ? [`${family} ${field} { ${[some].flat().join(', ')} }`] : []);
}
