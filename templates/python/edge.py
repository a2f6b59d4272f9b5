"""The edge: change nodes, interface, address and hosts to yours."""
from cdk8s import Chart
from cdk8s_istio_edge import EdgeNode, EdgeNodes, MeshEdge, VirtualAddress
from constructs import Construct


class EdgeChart(Chart):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, namespace="istio-ingress")
        nodes = EdgeNodes.of(
            EdgeNode(hostname="edge-1", address="192.0.2.11"),
            EdgeNode(hostname="edge-2", address="192.0.2.12"),
        )
        edge = MeshEdge(
            self, "edge",
            nodes=nodes,
            network_interface="eth0",
            virtual_addresses=[VirtualAddress.of("192.0.2.100")],
            preserve_client_address=True,
            create_namespace=True,
        )
        gateway = edge.ingress_gateway
        assert gateway is not None  # this edge makes its gateway
        gateway.allow_traffic_only_from(nodes)  # any other pod could claim any client address
        edge.expose("shop.example.com", service="shop", service_namespace="shop", port=8080, tls_secret_name="shop-tls")
