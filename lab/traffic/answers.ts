// checks that a real mesh answers at some addresses, and that it sees the client's address

import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { requests } from './measure';
import { LoadReport } from './reports';
import { CLIENT_ADDRESS, hostOf } from '../cluster/topology';

const REQUESTS = 100;

/** Istio redirects from 80. On 443 it passes the client's address to the service. */
export async function judgeAnswers({ cluster, example: { name } }: EdgeUnderTest, addresses: string[], findings: Findings): Promise<void> {
  const ask = async (port: number, ...flags: string[]) => Promise.all(addresses.map(async address => requests(cluster, `${hostOf(address)}:${port}`, REQUESTS, ...flags)));
  const [secure, plain] = [await ask(443, '--tls'), await ask(80)];
  const sum = (reports: LoadReport[], part: (report: LoadReport, i: number) => number) => reports.map(part).reduce((total, one) => total + one, 0);
  const add = (what: string, figure: number, all: LoadReport[]) => findings.add(
    `${name}, at ${addresses.join(', ')}: ${what}, of ${sum(all, report => report.requests)}`, figure, 'requests', { goal: 0 });
  add('HTTPS not answered', sum(secure, ({ failed }) => failed), secure);
  add('HTTPS answers without the client\'s address', sum(secure, ({ ok, clients }, i) => ok - (clients[clientOf(addresses[i])] ?? 0)), secure);
  add('HTTP not redirected', sum(plain, report => report.requests - (report.failedBy['status:301'] ?? 0)), plain);
}

function clientOf(address: string): string {
  return address.includes(':') ? CLIENT_ADDRESS.ipv6 : CLIENT_ADDRESS.ipv4;
}
