// every scenario, in the order in which they run

import { abuse } from './abuse';
import { activeActive } from './active-active';
import { apiReturns } from './api-returns';
import { apply } from './apply';
import { badUpdate } from './bad-update';
import { busyNode } from './busy-node';
import { certificates } from './certificates';
import { checkFaults } from './check-faults';
import { doctor } from './doctor';
import { dualStack } from './dual-stack';
import { entries } from './entries';
import { externalDns } from './external-dns';
import { failover } from './failover';
import { fullProxy } from './full-proxy';
import { gatewayApi } from './gateway-api';
import { gatewayFaults } from './gateway-faults';
import { gitops } from './gitops';
import { greedyClient } from './greedy-client';
import { handover } from './handover';
import { hostileHost } from './hostile-host';
import { hung } from './hung';
import { ipv6Only } from './ipv6-only';
import { istioDrift } from './istio-drift';
import { istioGateways } from './istio-gateways';
import { istioRoutes } from './istio-routes';
import { istioTraffic } from './istio-traffic';
import { istioUpgrade } from './istio-upgrade';
import { keepalivedUpdate } from './keepalived-update';
import { loopback } from './loopback';
import { maintenance } from './maintenance';
import { monitoring } from './monitoring';
import { operate } from './operate';
import { otherInterface } from './other-interface';
import { outages } from './outages';
import { pages } from './pages';
import { privileges } from './privileges';
import { proxyFaults } from './proxy-faults';
import { quietHour } from './quiet-hour';
import { replaceNode } from './replace-node';
import { rollingUpdate } from './rolling-update';
import { serve } from './serve';
import { spreadConnections } from './spread-connections';
import { squatters } from './squatters';
import { stranger } from './stranger';
import { tcpServicesScenario } from './tcp-services';
import { Scenario } from '../scenario';

export const SCENARIOS: Scenario[] = [
  apply, serve, gatewayApi,
  failover, proxyFaults, checkFaults, gatewayFaults, hung, busyNode, outages, apiReturns,
  rollingUpdate, badUpdate, maintenance, keepalivedUpdate, handover, spreadConnections, replaceNode,
  fullProxy, greedyClient, abuse, hostileHost, stranger, squatters, privileges,
  monitoring, quietHour, dualStack, ipv6Only, otherInterface, activeActive,
  loopback, doctor, externalDns,
  operate, pages, gitops, istioUpgrade, istioRoutes, certificates, istioTraffic, tcpServicesScenario, istioGateways, istioDrift, entries,
];
