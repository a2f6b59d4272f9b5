// Istio's ingress gateways: on the host network, on the pod network, deployed by istiod, or adopted. Usage:
//
//   const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: EdgeNodes.named('edge-1'), istio: { version: '1.31.0' } });
//   const adopted = IngressGateway.fromService(chart, 'adopted', { name: 'istio-ingressgateway', namespace: 'istio-system' });
export type { IngressGatewayFromServiceOptions } from './adopted-gateway';
export type { IngressGatewayAutoscaling } from './autoscaling';
export type { GatewayOptions } from './gateway-options';
export { ForwardClientCertDetails } from './gateway-topology';
export type { GatewayTopology } from './gateway-topology';
export type { HostGatewayOptions, HostGatewayProps } from './host-gateway-options';
export { HostNetworkIngressGateway } from './host-network-ingress-gateway';
export type { HostNetworkIngressGatewayOptions, HostNetworkIngressGatewayProps } from './host-network-ingress-gateway';
export { IngressGateway } from './ingress-gateway';
export type { IngressGatewayOptions, IngressGatewayProps } from './ingress-gateway';
export type { GatewayListener } from './gateway-listener';
export type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
export type { HostIstioOptions, IstioOptions } from './istio-options';
export type { PodGatewayOptions, PodGatewayProps } from './pod-gateway-options';
export { ManagedHostNetworkIngressGateway } from './managed-host-network-ingress-gateway';
export type { ManagedHostNetworkIngressGatewayProps } from './managed-host-network-ingress-gateway';
export { ManagedIngressGateway } from './managed-ingress-gateway';
export type { ManagedIngressGatewayProps } from './managed-ingress-gateway';
