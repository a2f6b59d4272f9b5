// Istio's ingress gateways: on the host network, on the pod network, or somebody else's. Makes it possible to write:
//
//   const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: EdgeNodes.named('edge-1'), istio: { version: '1.29.0' } });
//   const adopted = IngressGateway.fromService(chart, 'adopted', { name: 'istio-ingressgateway', namespace: 'istio-system' });
export { IngressGatewayFromServiceOptions } from './adopted-gateway';
export { IngressGatewayAutoscaling } from './autoscaling';
export { HostNetworkIngressGateway, HostNetworkIngressGatewayOptions, HostNetworkIngressGatewayProps } from './host-network-ingress-gateway';
export { IngressGateway, IngressGatewayOptions, IngressGatewayProps } from './ingress-gateway';
export { GatewayListener, IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
export { IstioOptions } from './istio-options';
