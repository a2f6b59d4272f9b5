"""Synthesizes all constructs that run a shell or Perl program, and compares the programs in the manifests with those in src/."""
import sys
from pathlib import Path

from cdk8s import Chart, Testing
from cdk8s_istio_edge import (
    EdgeNode, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, Handover, IngressGateway, KeepalivedVip,
    MetricsListener, VirtualAddress,
)


def data_of_config_maps(front_proxy):
    chart = Chart(Testing.app(), "edge", namespace="edge")
    nodes = EdgeNodes.of(EdgeNode(hostname="edge-1", address="192.0.2.11"), EdgeNode(hostname="edge-2", address="192.0.2.12"))
    front = front_proxy(chart, "front", nodes=nodes, gateway=IngressGateway(chart, "gateway"))
    vip = KeepalivedVip(
        chart, "vip", nodes=nodes, network_interface="eth0", virtual_addresses=[VirtualAddress.of("192.0.2.100")],
        handover=Handover.SEAMLESS, metrics=MetricsListener(from_=["10.244.0.0/16"]),
    )
    vip.track(front)
    return [manifest["data"] for manifest in Testing.synth(chart) if manifest["kind"] == "ConfigMap"]


written = {}
for front_proxy in (FrontEnvoy, FrontHaproxy, FrontNginx):
    for data in data_of_config_maps(front_proxy):
        written.update(data)

programs = sorted(path for path in Path("src/engines").rglob("*") if path.suffix in (".sh", ".pl"))
different = [path.name for path in programs if written.get(path.name) != path.read_text()]
print(f"{len(programs)} programs in src/engines; not in the manifests, or different there: {different or 'none'}")
sys.exit(1 if different or not programs else 0)
