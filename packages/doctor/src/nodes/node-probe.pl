# Prints what an edge needs to know of a node and of its network segments. It sends a few packets, and changes nothing.
#
# usage: node-probe.pl NUMBER SECONDS LONGEST EXPECTED PORTS ADDRESSES SETTINGS QUESTIONS TESTS
#   NUMBER     of this node among those that are probed at the same time: 1 to 254
#   SECONDS    it listens for so long after it has heard EXPECTED test packets, and until LONGEST at most
#   EXPECTED   number of lines "heard"
#   PORTS      TCP ports, for which it looks for listeners and redirections
#   ADDRESSES  own addresses, at which a port without a listener must refuse connections
#   SETTINGS   files below /proc/sys
#   QUESTIONS  ADDRESS%INTERFACE: who has the address? An ARP probe, or a neighbour solicitation as for duplicate detection
#   TESTS      INTERFACE%SOURCE%DESTINATION: sends VRRP packets to a peer or to VRRP's group; SOURCE is a dash for a group
# Commas separate the items of a list; a dash is an empty list.
#
# It prints lines:
#   interface NAME MTU STATE HARDWARE_ADDRESS
#   setting NAME VALUE
#   listener PORT
#   redirected PORT ADDRESS
#   unbound SOURCE                            this node has no such address
#   answer ADDRESS HARDWARE_ADDRESS           somebody has the address
#   advert INTERFACE SOURCE VRID HARDWARE_ADDRESS
#   heard NUMBER FAMILY                       a test packet of another node; FAMILY is 4 or 6
# It needs the capability NET_RAW, and runs on the node's network. kubelet shortens two dollar signs in a row: it has none.
use strict;
use warnings;
use IO::Socket::IP;
use POSIX ();
use Socket qw(inet_pton inet_ntop AF_INET AF_INET6 SOCK_RAW SOCK_DGRAM pack_sockaddr_in pack_sockaddr_in6);

my ($number, $seconds, $longest, $expected, @lists) = @ARGV;
my ($ports, $addresses, $settings, $questions, $tests) = map { [$_ eq '-' ? () : split /,/] } @lists;
# Linux' numbers: include/uapi/linux/if_ether.h, if_packet.h, in.h, in6.h, socket.h
my ($AF_PACKET, $ETH_P_ALL, $ETH_P_IP, $ETH_P_ARP, $ETH_P_IPV6, $OUTGOING) = (17, 3, 0x0800, 0x0806, 0x86dd, 4);
my ($VRRP, $ICMPV6, $NEIGHBOUR_ADVERTISEMENT) = (112, 58, 136);
my ($SOL_SOCKET, $SO_BINDTODEVICE, $SO_ATTACH_FILTER, $IPPROTO_IP, $IPPROTO_IPV6) = (1, 25, 26, 0, 41);
# A test packet is an advert of VRID 0, which does not exist: every VRRP router ignores it. Its priority is the node's number.
my $test_packet = pack 'C8', 0x31, 0, $number, 0, 0, 100, 0, 0;
my (%seen, %names);

sub say_once { my ($line) = @_; print "$line\n" unless $seen{$line}++; }
sub hardware { return join ':', map { sprintf '%02x', $_ } unpack 'C6', shift }
# Time::HiRes is not in every image.
sub seconds_now { return (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }

# The first line of a file, or nothing.
sub first_line {
  my ($file) = @_;
  open my $in, '<', $file or return;
  my $line = readline $in;
  chomp $line if defined $line;
  return $line;
}

sub of_interface { my ($name, $file) = @_; return first_line("/sys/class/net/$name/$file") }

sub print_interfaces {
  opendir my $folder, '/sys/class/net' or return;
  for my $name (sort grep { !/^(?:\.|veth|cali|lxc|bonding_masters)/ } readdir $folder) {
    my @values = map { of_interface($name, $_) || '-' } 'mtu', 'operstate', 'address';
    $names{of_interface($name, 'ifindex') // ''} = $name;
    print "interface $name @values\n";
  }
}

sub print_settings {
  for my $name (@{$settings}) {
    my $value = first_line("/proc/sys/$name");
    print "setting $name $value\n" if defined $value;
  }
}

# Listeners are in state 0A: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
sub print_ports {
  my %listens;
  for my $table ('/proc/net/tcp', '/proc/net/tcp6') {
    open my $lines, '<', $table or next;
    while (my $line = readline $lines) {
      $listens{hex $1} = 1 if $line =~ /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A /;
    }
  }
  for my $port (@{$ports}) {
    if ($listens{$port}) {
      print "listener $port\n";
      next;
    }
    for my $address (@{$addresses}) {
      print "redirected $port $address\n" if IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Timeout => 1);
    }
  }
}

# sockaddr_ll: https://man7.org/linux/man-pages/man7/packet.7.html
sub link_address {
  my ($protocol, $index, $to) = @_;
  return pack 'S n l S C C a8', $AF_PACKET, $protocol, $index, 0, 0, 6, $to;
}

# Lets ARP, VRRP and ICMPv6 pass, so that this program does not see the node's traffic.
# The first instruction loads the protocol: https://www.kernel.org/doc/html/latest/networking/filter.html
sub attach_filter {
  my ($socket) = @_;
  my @program = (
    [0x20, 0, 0, 0xfffff000],
    [0x15, 6, 0, $ETH_P_ARP],
    [0x15, 0, 2, $ETH_P_IP], [0x30, 0, 0, 9], [0x15, 3, 4, $VRRP],
    [0x30, 0, 0, 6], [0x15, 1, 0, $VRRP], [0x15, 0, 1, $ICMPV6],
    [0x06, 0, 0, 0xffff], [0x06, 0, 0, 0],
  );
  my $code = join '', map { pack 'S C C L', @{$_} } @program;
  setsockopt $socket, $SOL_SOCKET, $SO_ATTACH_FILTER, pack 'S x![L!] P', scalar @program, $code or die "filter: $!\n";
}

# RFC 5227, 2.1.1: the sender's address is 0, so that no cache changes.
sub ask_arp {
  my ($packets, $address, $interface, $index) = @_;
  my $own = pack 'C6', map { hex } split /:/, of_interface($interface, 'address');
  my $request = pack 'n n C C n a6 a4 a6 a4', 1, $ETH_P_IP, 6, 4, 1, $own, "\0" x 4, "\0" x 6, $address;
  send $packets, $request, 0, link_address($ETH_P_ARP, $index, "\xff" x 6);
}

# RFC 4862, 5.4.2: the source is ::, as for duplicate address detection.
sub ask_neighbour {
  my ($packets, $address, undef, $index) = @_;
  my $group = inet_pton(AF_INET6, 'ff02::1:ff00:0');
  substr $group, 13, 3, substr $address, 13, 3;
  my $body = pack 'C C n N a16', 135, 0, 0, 0, $address;
  my $sum = 0;
  $sum += $_ for unpack 'n*', ("\0" x 16) . $group . pack('N N', length $body, $ICMPV6) . $body;
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  substr $body, 2, 2, pack 'n', ~$sum & 0xffff;
  my $header = pack 'N n C C a16 a16', 0x60000000, length $body, $ICMPV6, 255, "\0" x 16, $group;
  send $packets, $header . $body, 0, link_address($ETH_P_IPV6, $index, "\x33\x33" . substr $group, 12, 4);
}

sub packed { my ($address) = @_; return $address =~ /:/ ? inet_pton(AF_INET6, $address) : inet_pton(AF_INET, $address) }

my %asked = map { (split /%/)[0] => 1 } @{$questions};
my %asked_packed = map { packed($_) => $_ } keys %asked;

sub ask_all {
  my ($packets) = @_;
  for my $question (@{$questions}) {
    my ($address, $interface) = split /%/, $question;
    my $index = of_interface($interface, 'ifindex') or next;
    my $ask = $address =~ /:/ ? \&ask_neighbour : \&ask_arp;
    $ask->($packets, packed($address), $interface, $index);
  }
}

# A packet that the firewall lets in comes to this socket; the packet socket also gets what the firewall drops.
sub open_test {
  my ($interface, $source, $destination) = split /%/, shift;
  my $family = $destination =~ /:/ ? AF_INET6 : AF_INET;
  my $index = of_interface($interface, 'ifindex') or return;
  socket my $socket, $family, SOCK_RAW, $VRRP or die "raw socket: $!\n";
  # like keepalived
  setsockopt $socket, $SOL_SOCKET, $SO_BINDTODEVICE, $interface or die "$interface: $!\n";
  if ($family == AF_INET) {
    # IP_TTL, IP_MULTICAST_TTL, IP_MULTICAST_IF, IP_ADD_MEMBERSHIP
    setsockopt $socket, $IPPROTO_IP, $_, pack 'i', 255 for 2, 33;
    my $group = pack 'a4 a4 i', inet_pton(AF_INET, '224.0.0.18'), "\0" x 4, $index;
    setsockopt $socket, $IPPROTO_IP, $_, $group for 32, 35;
  } else {
    # IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_IF, IPV6_ADD_MEMBERSHIP
    setsockopt $socket, $IPPROTO_IPV6, $_, pack 'i', 255 for 16, 18;
    setsockopt $socket, $IPPROTO_IPV6, 17, pack 'i', $index;
    setsockopt $socket, $IPPROTO_IPV6, 20, pack 'a16 I', inet_pton(AF_INET6, 'ff02::12'), $index;
  }
  my $at = sub { my ($address) = @_; return $family == AF_INET ? pack_sockaddr_in(0, packed($address)) : pack_sockaddr_in6(0, packed($address), $address =~ /^fe80|^ff/ ? $index : 0) };
  if ($source ne '-' && !bind $socket, $at->($source)) {
    print "unbound $source\n";
    return;
  }
  return { socket => $socket, family => $family, to => $at->($destination) };
}

sub advert {
  my ($source, $vrrp, $index, $sender) = @_;
  my (undef, $vrid, $priority) = unpack 'C3', $vrrp;
  my $interface = $names{$index} or return;
  say_once("advert $interface $source $vrid " . hardware($sender)) if $vrid && $priority;
}

sub read_packet {
  my ($packets) = @_;
  my $from = recv $packets, my $packet, 2048, 0;
  return unless defined $from && length $packet >= 28;
  my (undef, $protocol, $index, undef, $type, undef, $sender) = unpack 'S n l S C C a6', $from;
  return if $type == $OUTGOING;
  if ($protocol == $ETH_P_ARP) {
    my $claimed = inet_ntop(AF_INET, substr $packet, 14, 4);
    say_once("answer $claimed " . hardware(substr $packet, 8, 6)) if $asked{$claimed};
  } elsif ($protocol == $ETH_P_IP) {
    advert(inet_ntop(AF_INET, substr $packet, 12, 4), substr($packet, 4 * (unpack('C', $packet) & 15)), $index, $sender);
  } elsif (length $packet >= 48 && unpack('x6 C', $packet) == $VRRP) {
    advert(inet_ntop(AF_INET6, substr $packet, 8, 16), substr($packet, 40), $index, $sender);
  } elsif (length $packet >= 64 && unpack('x40 C', $packet) == $NEIGHBOUR_ADVERTISEMENT) {
    my $target = $asked_packed{substr $packet, 48, 16};
    say_once("answer $target " . hardware($sender)) if defined $target;
  }
}

sub read_test {
  my ($test) = @_;
  recv $test->{socket}, my $packet, 2048, 0;
  my $is_ipv4 = $test->{family} == AF_INET;
  # an IPv4 socket gets the header too
  my $vrrp = $is_ipv4 ? substr $packet, 4 * (unpack('C', $packet) & 15) : $packet;
  return if length $vrrp < 8;
  my (undef, $vrid, $other) = unpack 'C3', $vrrp;
  say_once("heard $other " . ($is_ipv4 ? 4 : 6)) if $vrid == 0 && $other != $number;
}

$| = 1;
print_interfaces();
print_settings();
print_ports();

socket my $packets, $AF_PACKET, SOCK_DGRAM, 0 or die "packet socket: $!\n";
attach_filter($packets);
bind $packets, link_address($ETH_P_ALL, 0, '') or die "bind: $!\n";
my @open = map { open_test($_) } @{$tests};

my $start = seconds_now();
my ($next_test, $next_question, $complete_at) = (0, 0, undef);
while ((my $now = seconds_now()) < $start + $longest) {
  $complete_at //= $now if (grep { /^heard / } keys %seen) >= $expected;
  last if defined $complete_at && $now >= $complete_at + $seconds;
  if ($now >= $next_question) {
    ask_all($packets);
    $next_question = $now + 1;
  }
  if ($now >= $next_test) {
    send $_->{socket}, $test_packet, 0, $_->{to} for @open;
    $next_test = $now + 0.25;
  }
  my $bits = '';
  vec($bits, fileno $_, 1) = 1 for $packets, map { $_->{socket} } @open;
  next unless select($bits, undef, undef, 0.1) > 0;
  read_packet($packets) if vec $bits, fileno $packets, 1;
  for my $test (@open) {
    read_test($test) if vec $bits, fileno $test->{socket}, 1;
  }
}
