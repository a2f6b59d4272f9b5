"""What must stay true of the edge, whatever else changes."""
import unittest
from typing import Any

from cdk8s import Testing

from edge import EdgeChart


class EdgeTest(unittest.TestCase):
    manifests: list[Any] = Testing.synth(EdgeChart(Testing.app(), "edge"))

    def of_kind(self, kind: str) -> list[Any]:
        return [manifest for manifest in self.manifests if manifest["kind"] == kind]

    def test_front_proxy_and_virtual_ip_run_on_both_edge_nodes(self) -> None:
        pods = [daemon_set["spec"]["template"]["spec"] for daemon_set in self.of_kind("DaemonSet")]
        self.assertEqual(len(pods), 2)
        for pod in pods:
            required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            self.assertEqual(required["nodeSelectorTerms"][0]["matchExpressions"][0]["values"], ["edge-1", "edge-2"])

    def test_only_the_edge_nodes_reach_the_gateway(self) -> None:
        [policy] = self.of_kind("NetworkPolicy")
        sources = [peer["ipBlock"]["cidr"] for peer in policy["spec"]["ingress"][0]["from"]]
        self.assertEqual(sources, ["192.0.2.11/32", "192.0.2.12/32"])

    def test_the_shop_is_open(self) -> None:
        hosts = [host for service in self.of_kind("VirtualService") for host in service["spec"]["hosts"]]
        self.assertEqual(hosts, ["shop.example.com"])


if __name__ == "__main__":
    unittest.main()
