// ha-edge with an advert interval of 100 ms instead of the default's 200: the project's goals are stated for it
import { Duration } from 'cdk8s';
import { haEdgeWith } from './ha-edge-with';

export const FAST_ADVERTS = haEdgeWith('ha-edge-100-ms', { vip: { advertInterval: Duration.millis(100) } });
