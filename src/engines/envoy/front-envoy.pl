# Asks the Envoy of this container at its admin socket, which only its own user may open. Another Envoy of the node,
# which may share the ports, is never asked.
#
# usage: front-envoy.pl SOCKET ready LISTENERS
#          exits with 0 when Envoy is live and so many listeners are open
#        front-envoy.pl SOCKET drain LAME_DUCK_SECONDS DRAIN_SECONDS PORT...
#          The health listener closes at once, so that a virtual IP leaves the node or the successor answers for it.
#          New connections to PORT... are accepted for LAME_DUCK_SECONDS more. Then open ones may finish, for DRAIN_SECONDS.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($socket, $task, @values) = @ARGV;
# Envoy may end while it is asked.
$SIG{PIPE} = 'IGNORE';

# The whole answer when the status is 200, otherwise nothing.
sub ask {
  my ($method, $path) = @_;
  my $admin = IO::Socket::UNIX->new(Peer => $socket);
  unless ($admin) {
    warn "$socket: $!\n";
    return '';
  }
  $admin->print("$method $path HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
  my $answer = join '', $admin->getlines;
  return $answer =~ m{^HTTP/1\.1 200 } ? $answer : '';
}

sub ready {
  my ($listeners) = @_;
  return ask('GET', '/ready') && ask('GET', '/stats?filter=listener_manager.total_listeners_active') =~ /active: $listeners\b/;
}

# True while clients are connected.
sub connected {
  my $ports = join '|', @_;
  return ask('GET', '/stats?filter=downstream_cx_active') =~ /_($ports)\.downstream_cx_active: [1-9]/;
}

sub drain {
  my ($lame_duck_seconds, $drain_seconds, @ports) = @_;
  ask('POST', '/drain_listeners?inboundonly');
  ask('POST', '/drain_listeners?graceful');
  sleep $lame_duck_seconds;
  for (1 .. $drain_seconds) {
    sleep 1;
    last unless connected(@ports);
  }
}

if ($task eq 'drain') {
  drain(@values);
} else {
  exit(ready(@values) ? 0 : 1);
}
