// checks what Envoy cannot do; `checkProxy` finds the problems that all engines share
import { bootstrap } from './bootstrap';
import { cluster } from './cluster';
import { trafficListener } from './listener';
import type { EnvoyMessage } from './message';
import { ENVOY_PLACES, fieldsOf } from './snippets';
import type { Problem } from '../../validation/problem';
import { checkThat } from '../../validation/values';
import type { ProxyModel } from '../proxy-model';
import { checkSnippets } from '../snippets';

/**
 * Problems that `checkProxy` does not find. Envoy's `connection_limit` counts the connections of a listener, not those
 * of a client.
 */
export function checkEnvoy(model: ProxyModel): Problem[] {
  return [
    ...checkThat(model.maxConnectionsPerClient === undefined, {
      code: 'option-unsupported',
      what: 'maxConnectionsPerClient does not work with Envoy, which cannot count the TCP connections of one client',
      got: model.maxConnectionsPerClient,
      fix: 'use HAProxy or nginx, or count with nftables on the nodes: docs/front-proxies.md',
    }),
    ...checkAdded(model),
  ];
}

function checkAdded(model: ProxyModel): Problem[] {
  const malformed = checkSnippets(ENVOY_PLACES, model.snippets);
  return malformed.length > 0 ? malformed : checkFields(model);
}

/** YAML cannot have a key twice; parsers of other programs take the last one. */
function checkFields(model: ProxyModel): Problem[] {
  const own = { ...model, snippets: undefined };
  const taken: { readonly [place: string]: EnvoyMessage[] } = {
    bootstrap: [bootstrap(own)],
    listener: model.listeners.map(listener => trafficListener(listener, own)),
    cluster: model.upstreams.map(upstream => cluster(upstream, own)),
  };
  return Object.entries(taken).flatMap(([place, messages]) => {
    const added = fieldsOf(model.snippets, place);
    const twice = added.filter((field, index) => added.indexOf(field) < index || messages.some(message => Object.hasOwn(message, field)));
    return [...new Set(twice)].map((field): Problem => ({
      code: 'snippet-field-taken', what: `configurationSnippets.${place} has a field that is there already`, got: field, fix: 'omit it',
    }));
  });
}
