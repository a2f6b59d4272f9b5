// two virtual IPs, one on each node while both nodes are healthy
import { Duration } from 'cdk8s';
import { haEdgeWith } from './ha-edge-with';
import { VirtualAddress } from 'cdk8s-istio-edge';

export const TWO_VIPS = ['192.0.2.100', '192.0.2.101'];

/** The default is 30 s; a shorter one shows the same in less time. */
export const PREEMPT_DELAY_SECONDS = 8;

export const ACTIVE_ACTIVE = haEdgeWith(
  'active-active',
  {
    virtualAddresses: TWO_VIPS.map(address => VirtualAddress.of(address)),
    vip: { spread: true, preemptDelay: Duration.seconds(PREEMPT_DELAY_SECONDS) },
  },
  { virtual: false }, // no node holds all: the scenario itself looks who holds which
);
