# The liveness probe of a front proxy: exits with 0 while every process and thread of this container that accepts connections
# does so, and otherwise says what hangs. It asks no gateway and no name server.
#
# It connects to the health port and waits until the proxy has accepted. An old and a new proxy may share the port, and the kernel
# chooses one for each connection. So it looks at the queues of the listeners that process 1 of this container has open.
# The queue of a process that accepts nothing stays full, also with connections of others.
# Without listeners, which is so while the proxy starts, there is nothing to find.
#
# usage: front-alive.pl ADDRESS PORT [ADMIN_SOCKET]
#   ADMIN_SOCKET  of Envoy. Its main thread, which accepts no client, answers there
use strict;
use warnings;
use IO::Socket::IP;
use IO::Socket::UNIX;

# A turn of the wait is longer on a machine without free CPU time, where the proxy is slow too. So turns are counted, not seconds.
my ($turns, $turn_seconds) = (50, 0.1);
# To each listener, so that the kernel hardly misses one.
my $connections = 8;
# A proxy opens its listeners first, so they are among these descriptors. The others are connections.
my $first_descriptors = 1024;

my ($address, $port, $admin_socket) = @ARGV;

# Sockets of process 1.
sub own_sockets {
  opendir my $descriptors, '/proc/1/fd' or return {};
  my %own;
  for (1 .. $first_descriptors) {
    my $descriptor = readdir $descriptors;
    last unless defined $descriptor;
    my $file = readlink "/proc/1/fd/$descriptor" or next;
    $own{$1} = 1 if $file =~ /^socket:\[(\d+)\]$/;
  }
  return \%own;
}

# Listeners of the port, and how many connections wait in each. Listeners are the first lines of both tables; state 0A is LISTEN.
# Columns: slot, address, remote address, state, queues, timer, retries, uid, timeout, inode:
# https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
sub listeners {
  my $suffix = sprintf ':%04X', $port;
  my %waiting;
  for my $table ('/proc/net/tcp', '/proc/net/tcp6') {
    open my $lines, '<', $table or next;
    readline $lines;
    while (my $line = readline $lines) {
      my (undef, $local, undef, $state, $queues, undef, undef, undef, undef, $inode) = split ' ', $line;
      last if $state ne '0A';
      $waiting{$inode} = hex((split /:/, $queues)[1]) if substr($local, -5) eq $suffix;
    }
  }
  return \%waiting;
}

# Connections that say nothing. They need not succeed: if the queue of a listener is full, it hangs.
sub connect_to_all {
  my ($count) = @_;
  return map { IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Blocking => 0) } 1 .. $count * $connections;
}

# An open question to Envoy's main thread; nothing if there is no socket.
sub ask_admin {
  my $admin = IO::Socket::UNIX->new(Type => SOCK_STREAM) or return;
  $admin->blocking(0);
  connect $admin, pack_sockaddr_un($admin_socket) or return;
  syswrite $admin, "GET /ready HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n";
  return $admin;
}

sub is_readable {
  my ($socket) = @_;
  vec(my $bits = '', fileno $socket, 1) = 1;
  return select($bits, undef, undef, 0) > 0;
}

$SIG{PIPE} = 'IGNORE';
my $own = own_sockets();
my %hangs = map { $_ => 1 } grep { $own->{$_} } keys %{listeners()};
my @open = connect_to_all(scalar keys %hangs);
my $admin = $admin_socket && ask_admin();
my $is_silent = defined $admin_socket;

for (1 .. $turns) {
  select undef, undef, undef, $turn_seconds;
  my $waiting = listeners();
  delete @hangs{grep { !$waiting->{$_} } keys %hangs};
  $is_silent &&= !($admin && is_readable($admin));
  exit 0 unless %hangs || $is_silent;
}
my $count = keys %hangs;
print $count == 1 ? "1 listener of port $port accepts" : "$count listeners of port $port accept", " nothing\n" if $count;
print "no answer at $admin_socket\n" if $is_silent;
exit 1;
