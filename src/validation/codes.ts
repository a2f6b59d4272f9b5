// all error codes with a line of explanation; docs/errors.md is generated from this table

/** Codes are API: scripts of users can depend on them. A new code does not compile without a line here. */
export const CODES = {
  'address-family': 'An address has the wrong family. The message says which family to use.',
  'address-invalid': 'A text is not an IP address. Give one address without a prefix length, such as 192.0.2.10.',
  'address-not-loopback': 'An address must be a loopback address here: 127.0.0.1 or ::1.',
  'address-of-node': 'A virtual address is the address of a node. Choose an address that nothing else has.',
  'address-twice': 'Two nodes, or two virtual addresses, have the same address. Give each its own.',
  'address-unusable':
    'A loopback, multicast or other special address cannot be used here. Choose an address of the network.',
  'addresses-unknown':
    'A source policy needs the addresses of the nodes. List the nodes with EdgeNodes.of({ hostname, address }).',
  'annotation-reserved':
    'The construct sets this annotation itself. Omit it, or use the option that the message names.',
  'annotations-too-large': 'All annotations of an object together are larger than Kubernetes accepts. Shorten them.',
  'attempts-out-of-range': 'maxConnectAttempts is out of range. The message shows the range.',
  'backend-tls-conflict':
    'Paths to the same port of a service have different backendTls. Give all of them the same.',
  'bind-unsupported': 'The gateway listens on one address, and Gateway API has no field for that. Use RouteApi.ISTIO.',
  'certificate-and-secret': 'tlsSecretName and certificate exclude each other. Give the name as secretName of the certificate.',
  'certificate-conflict':
    'Hosts of one Secret have different certificates, or different authorities of clients. Give all of them the same.',
  'chart-missing': 'The construct is not in a chart. Make a Chart, and give it as the scope.',
  'check-count-out-of-range': 'checkFall or checkRise is out of range. The message shows the range.',
  'check-path-invalid': 'The health endpoint of a listener has a path that is not a URL path. Begin it with / and percent-encode special characters.',
  'check-twice': 'Two listeners that a virtual IP tracks have the same name. Rename one.',
  'cidr-host-bits':
    'An address range has host bits set, such as 10.244.1.5/24. Give the first address of the range.',
  'cidr-invalid': 'A text is not an address range such as 10.244.1.0/24.',
  'cidr-twice': 'A list of address ranges has one of them twice. List each once.',
  'concurrency-out-of-range': 'concurrency is out of range. The message shows the range.',
  'config-map-too-large': 'A configuration is larger than a ConfigMap can be. Use fewer routes or server names.',
  'connections-out-of-range': 'maxConnections is out of range. The message shows the range.',
  'connections-over-file-descriptors':
    'maxConnections needs more file descriptors than fileDescriptors allows. Lower one, or raise the other.',
  'connections-per-client-out-of-range': 'maxConnectionsPerClient is out of range. It can be at most maxConnections.',
  'cpu-invalid': 'An amount of CPU is not a whole number of thousandths. Use Cpu.millis().',
  'cpu-request-missing': 'Autoscaling by CPU needs a CPU request. Give resources.cpu.request.',
  'duration-out-of-range': 'A duration is out of range, or not a multiple of its step. The message shows both.',
  'entry-gateway-twice': 'An entry has the gateway of another entry. Give it a gateway of its own, or give its addresses to the other entry.',
  'entry-twice': 'Two entries of an edge or a front proxy have the same name. Rename one.',
  'entry-unsupported': 'An entry needs a front proxy, and gateways that do not run on the edge nodes. The message says which one to change.',
  'entry-without-virtual-ip': 'An edge without virtual addresses has no virtual IP for the addresses of an entry. Give it virtualAddresses.',
  'file-descriptors-out-of-range': 'fileDescriptors is out of range. The message shows the range.',
  'gateway-on-other-nodes': 'A gateway on the loopback address must run on every node of its front proxy.',
  'gateway-port-unknown': 'The gateway has no listener with this port. Add the listener, or use another port.',
  'gateway-port-unreachable':
    'No listener of the front proxy forwards to this port of the gateway. Add a listener with this gatewayPort.',
  'gateway-without-front-proxy':
    'Without a front proxy, clients cannot reach this gateway. Choose a front proxy or EdgeGateway.edgeNodes().',
  'handover-address-family': 'A seamless hand-over needs an address of each family that moves on every node. Add the missing addresses.',
  'handover-image-distroless': 'A distroless image has no shell. Give an image with /bin/sh, nft, ip, ss and ping.',
  'handover-interface': 'A seamless hand-over needs the virtual address on the interface of the nodes\' own addresses.',
  'handover-nodes-too-many': 'A seamless hand-over works between at most eight nodes. List fewer, or use Handover.PLAIN.',
  'handover-nodes-unknown': 'A seamless hand-over needs the addresses of the nodes. List the nodes with EdgeNodes.of({ hostname, address }).',
  'handover-without-port': 'A seamless hand-over needs a tracked listener with a port that clients reach. Track a front proxy.',
  'haproxy-concurrency': 'concurrency is too high for HAProxy. The message shows the range.',
  'host-invalid': 'A text is not a full host name such as shop.example.com, in lower case.',
  'host-port-clash': 'Two constructs use the same port on the same node. Change the port or the nodes of one of them.',
  'host-twice': 'A host is exposed twice. Add more paths with addPath() on the result of expose().',
  'host-wildcard-invalid': 'A wildcard must be the whole first label, such as *.example.com.',
  'hostname-invalid': 'The hostname of a node is not a value of the label kubernetes.io/hostname.',
  'hostname-twice': 'Two nodes have the same hostname. List each node once.',
  'image-invalid': 'A text is not an image reference.',
  'image-registry-invalid': 'imageRegistry is a host, a port and a path in lower case, such as registry.example.com:5000/mirror.',
  'interface-invalid': 'A text is not the name of a network interface.',
  'interface-missing':
    'A virtual IP needs the interface of the nodes\' own addresses. Give networkInterface; ip -br address shows it.',
  'istio-hub-invalid': 'istio.hub is not a registry and path, such as docker.io/istio. It has no tag.',
  'istio-version-invalid': 'A text is not a version of Istio such as 1.31.0.',
  'istio-version-missing': 'This gateway needs istio.version or image. Give the version of the control plane.',
  'istio-version-too-old': 'This option needs a newer Istio than istio.version names.',
  'label-invalid': 'Kubernetes does not accept this key or value of a label, an annotation or a taint.',
  'label-reserved': 'The construct sets this label itself. Omit it.',
  'lame-duck-too-short':
    'A listener closes before the check of the virtual IP fails. Lengthen lameDuckPeriod, or check more often.',
  'list-empty': 'A list is empty. Give at least one element, or omit the list if it has a default.',
  'listener-conflict':
    'With Gateway API, clients would reach the listener of another certificate. Give each host its own Secret.',
  'listener-without-ipv6':
    'A virtual IP has an IPv6 address, but the listener does not listen on IPv6. The message says how to enable it.',
  'listeners-missing': 'A headless Service needs the ports of its pods. Give listeners.',
  'name-clash': 'Two constructs make an object of the same kind, namespace and name. Change the id of one of them.',
  'name-invalid': 'Kubernetes does not accept this name for the object.',
  'namespace-missing': 'createNamespace needs a chart with a namespace: new Chart(app, id, { namespace }).',
  'namespace-shared': 'createNamespace would change a namespace that others use too. Give the chart its own namespace.',
  'nginx-connections-per-worker':
    'maxConnections is more than the nginx workers can track. Lower it, or raise concurrency.',
  'nginx-mixed-proxy-protocol':
    'On one listener, nginx sends PROXY protocol to all gateways or to none. Use one listener for each gateway.',
  'node-name-invalid': 'nodeName is not the name of a node, as kubectl get nodes prints it.',
  'node-name-twice': 'Two nodes have the same nodeName. List each node once.',
  'nodes-not-disjoint': 'Sets of nodes that share a node are declared to share none. Omit assumeDisjointFrom().',
  'nodes-too-few': 'A virtual IP needs at least two nodes. Add a node, or omit the virtual IP.',
  'object-too-large': 'An object is larger than the API server accepts. Expose fewer hosts, or use wildcards.',
  'object-unwritable': 'cdk8s cannot write an object. The message names the value. Correct it.',
  'option-missing': 'A required option is missing.',
  'option-unknown': 'There is no such option. The message names the most similar one.',
  'option-unsupported': 'The chosen engine or API cannot do this. The message names one that can.',
  'option-unused': 'An option has no effect with the other options. Omit it, or change what the message names.',
  'path-invalid': 'A path does not begin with a slash, or has characters that routes cannot match.',
  'percent-out-of-range': 'A percentage is out of range. The message shows the range.',
  'pods-out-of-range': 'The number of pods of a gateway is out of range. The message shows the range.',
  'port-out-of-range': 'A port is not a whole number from 1 to 65535.',
  'port-protocol-mixed': 'A port has a TCP service, and a TLS service with a server name or a certificate. Use two ports.',
  'port-reserved-by-edge':
    'Ports 80 and 443 belong to expose(). Choose another one.',
  'port-reserved-by-gateway':
    'The placeholder listener of a gateway that istiod deploys uses this port. Choose another one.',
  'port-reserved-by-istio': 'Istio\'s proxy uses this port itself. Choose another one.',
  'port-reserved-by-node':
    'A daemon of every node, such as sshd or the kubelet, listens on this port. Choose another one.',
  'port-twice': 'Two listeners of one construct, or two services of one edge, use the same port.',
  'preempt-without-preferred-node':
    'Preemption needs one preferred node for the address. Give preferredNode or priorities.',
  'preferred-node-unknown': 'preferredNode is not one of the nodes. Use the hostname of a listed node.',
  'priority-out-of-range': 'The priority of a node is out of range. The message shows the range.',
  'proxy-protocol-mismatch':
    'preserveClientAddress contradicts receivesProxyProtocol of an existing gateway. Omit it, or set both the same way.',
  'renewal-too-early': 'renewBefore is not shorter than the duration of the certificate. Shorten it.',
  'replicas-and-autoscaling': 'Use replicas or autoscaling, not both.',
  'replicas-out-of-range': 'A number of replicas is out of range. The message shows the range.',
  'replicas-over-nodes': 'There are more replicas than nodes. Each replica needs its own node.',
  'replicas-with-loopback': 'A gateway on the loopback address must run on every node. Omit replicas.',
  'request-over-limit': 'A request of CPU, memory or storage is more than its limit. Kubernetes refuses the pod.',
  'retries-out-of-range': 'retries.attempts is out of range. The message shows the range.',
  'retry-condition-twice': 'retries.retryOn lists a condition twice. List it once.',
  'retry-condition-unknown': 'Istio does not know this condition of retries.retryOn. The message lists the conditions.',
  'route-twice': 'A path or a server name has a route already. Add each once.',
  'route-without-tls': 'A route by server name needs a listener with TLS: only TLS clients send a server name (SNI).',
  'site-asynchronous': 'The makeCharts() of a site is async. Load its data before addSite().',
  'site-empty': 'A site of a fleet has no chart. Make one in makeCharts().',
  'site-failed':
    'Sites of a fleet have errors, and no file was written. The lines below name the sites and their errors.',
  'site-name-invalid':
    'The name of a site cannot be a folder name. Use 1 to 63 letters, digits, dots, dashes and underscores.',
  'site-twice': 'Two sites have the same name. Names that differ only in upper and lower case count as the same.',
  'size-not-whole': 'An amount of memory is not in whole MiB, or an amount of storage is not in whole GiB.',
  'snippet-field-taken': 'A text in configurationSnippets has a field of Envoy that the configuration has already. Omit it.',
  'snippet-invalid': 'A text in configurationSnippets would change lines outside its place. The message says how.',
  'snippet-place-unknown': 'configurationSnippets has a place that this engine lacks. The message lists its places.',
  'source-policy-twice': 'allowTrafficOnlyFrom() was called twice. Call it once with all sources.',
  'spread-nodes-unknown':
    'spread needs nodes whose addresses are known. List the nodes with EdgeNodes.of({ hostname, address }).',
  'spread-with-preferred-nodes': 'Every virtual address has a preferredNode, so spread can place none. Omit spread.',
  'spread-with-priority': 'spread sets the priorities itself. Omit the priority of the node.',
  'taint-twice': 'A call of dedicated() names a key twice. Name each key once.',
  'tcp-route-version-unread':
    'This Istio does not read this version of TCPRoute. Change tcpRouteVersion of RouteApi.gatewayApi().',
  'text-ambiguous': 'The YAML parser of Kubernetes reads a text as a number. Give a text that is not a number.',
  'text-blank':
    'A text of several lines is blank, or begins with a tab. Begin the first line with a visible character.',
  'text-unprintable': 'A text has a control character or another unprintable character. Remove it.',
  'timeout-conflict': 'retries.perTryTimeout is longer than timeout, which covers all attempts.',
  'tls-route-version-unread':
    'This Istio does not read this version of TLSRoute. Change tlsRouteVersion of RouteApi.gatewayApi().',
  'tls-secret-authority': 'Istio reads only an authority from a Secret whose name ends in -cacert. Give it another name.',
  'tls-secret-namespace': 'A gateway reads Secrets of its own namespace only. Give the name without a namespace.',
  'trusted-proxies-out-of-range': 'gatewayTopology.numTrustedProxies is out of range. The message shows the range.',
  'type-wrong': 'A value has the wrong type. The message says which type is expected.',
  'update-mode-unavailable':
    'A Deployment cannot be replaced without losing connections. Omit replicas, or use UpdateMode.REPLACE.',
  'upstream-invalid': 'The address of a gateway is not a host name.',
  'user-out-of-range': 'The user of a health endpoint is not a user id. The message shows the range.',
  'value-unknown': 'The option does not have this value. The message lists the values.',
  'vip-node-without-listener':
    'The virtual IP can be on a node where the tracked listener does not run. Use the same nodes for both.',
  'vip-tracks-nothing':
    'A virtual IP has no health check. Call track() with the front proxy or host gateway of its nodes.',
  'vrid-clash': 'Two virtual IPs of one network have the same VRID. Give one of them another vrid.',
  'vrid-out-of-range': 'vrid is not a whole number from 1 to 255.',
} as const;

/** A stable error code, kebab-case. */
export type Code = keyof typeof CODES;
