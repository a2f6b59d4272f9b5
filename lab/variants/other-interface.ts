// a virtual IP on another interface than the nodes' own addresses
import { haEdgeWith } from './ha-edge-with';
import { SECOND_INTERFACE } from '../cluster/second-network';
import { VirtualAddress } from 'cdk8s-istio-edge';

const ADDRESS = '198.51.100.200';

export const OTHER_INTERFACE = haEdgeWith(
  'other-interface',
  { virtualAddresses: [VirtualAddress.of(ADDRESS, { networkInterface: SECOND_INTERFACE })] },
  { address: ADDRESS },
);
