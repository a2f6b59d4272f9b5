// whether an engine, or a parser of its language that is not ours, understands what the model of a case says
import { bootstrapDifference, dumpOfEnvoy, expectedOfEnvoy, understoodByEnvoy } from './envoy';
import { proxyDifference } from './expected-proxy';
import { expectedOfConfigParser, understoodByConfigParser } from './haproxy';
import { BASELINE, dumpOf, expectedOfKeepalived, interfacesOf, understoodByKeepalived, vipDifference } from './keepalived';
import { expectedOfCrossplane, understoodByCrossplane } from './nginx';
import type { Models, ProxyCase, VipCase } from './valid-models';
import type { Verdict } from '../properties/valid-engines';
import type { ParserAnswer } from '../support/parser-reader';
import { readByParsers } from '../support/parser-reader';

/** The verdicts on some cases, in their order. The two parsers read all texts in one call. */
export function judgeUnderstanding(cases: Models[]): Verdict[][] {
  const parsed = cases.flatMap(({ proxy }) => proxy === undefined || proxy.engine === 'envoy' ? [] : [{ engine: proxy.engine, text: proxy.text }]);
  const answers = parsed.length === 0 ? [] : readByParsers(parsed);
  return cases.map(({ proxy, vip }) => [
    ...proxy === undefined ? [] : [proxy.engine === 'envoy' ? judgeEnvoy(proxy) : judgeAnswer(proxy, answers.shift()!)],
    ...vip === undefined ? [] : judgeVip(vip),
  ]);
}

export function judgeEnvoy({ model, files }: ProxyCase): Verdict {
  return verdict('envoy-config-dump', model.name, () => {
    const dump = dumpOfEnvoy(files, model);
    return proxyDifference(understoodByEnvoy(dump), expectedOfEnvoy(model)) || bootstrapDifference(dump, model);
  });
}

function judgeAnswer({ engine, model }: ProxyCase, { error, directives, sections }: ParserAnswer): Verdict {
  return engine === 'nginx'
    ? verdict('crossplane', model.name, () => error || proxyDifference(understoodByCrossplane(directives!), expectedOfCrossplane(model)))
    : verdict('config-parser', model.name, () => error || proxyDifference(understoodByConfigParser(sections!), expectedOfConfigParser(model)));
}

let baseline: string | undefined;

/** One text for all nodes: keepalived of each node reads it. */
export function judgeVip({ model, files }: VipCase): Verdict[] {
  const nodes = model.nodes.length > 0 ? model.nodes.map(({ id }) => id) : ['any-node'];
  return nodes.map(node => verdict('keepalived-dump', `${model.name} on ${node}`, () => {
    baseline ??= dumpOf(BASELINE, 'any-node', ['eth0']);
    return vipDifference(understoodByKeepalived(dumpOf(files, node, interfacesOf(model)), baseline), expectedOfKeepalived(model, node));
  }));
}

/** A text that cannot be understood is a complaint too. */
function verdict(judge: string, object: string, complain: () => string): Verdict {
  try {
    return { judge, object, complaint: complain() };
  } catch (error) {
    return { judge, object, complaint: String(error) };
  }
}
